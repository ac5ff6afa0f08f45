import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every way in which a value could stand in bytes without being made unreadable. */
export function formsOf(value: string): Buffer[] {
  // A line by itself tells as much as all of them.
  const lines = value.split('\n').filter((line) => line.length > 3)
  const texts = [...new Set([value, ...lines])]
  const written = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)])
  const coded = texts.flatMap((text) => [Buffer.from(text).toString('base64'), Buffer.from(text).toString('hex')])
  const bytes = [...new Set([...written, ...coded])].map((text) => Buffer.from(text))
  return [...bytes, ...texts.map((text) => Buffer.from(text, 'utf16le'))]
}

/** Which of the forms stand in a text or in bytes, for the message of a test that fails. */
export function foundIn(where: string | Buffer, forms: readonly Buffer[]): string[] {
  const bytes = typeof where === 'string' ? Buffer.from(where) : where
  return forms.filter((form) => bytes.includes(form)).map((form) => form.toString())
}

/** The files below a folder that hold one of the forms. */
export function filesWith(folder: string, forms: readonly Buffer[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => foundIn(path, forms).length > 0 || foundIn(readFileSync(path), forms).length > 0)
}
