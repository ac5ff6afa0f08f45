import { readFile } from 'node:fs/promises'
import { sep } from 'node:path'

/** What is mounted inside a folder; nothing where the system does not tell. */
export async function mountsIn(folder: string): Promise<string[]> {
  return mountsOf(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''), folder)
}

/** Those of the kernel's table that lie in the folder. */
export function mountsOf(table: string, folder: string): string[] {
  // The fifth word is the place; spaces in it, among others, are written as octal numbers.
  const places = table.split('\n').map((line) => line.split(' ')[4] ?? '')
  const plain = places.map((place) =>
    place.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
  )
  return plain.filter((place) => place.startsWith(folder + sep))
}
