import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Asker } from './asker.ts'
import { openFront } from './front.ts'

const built = join(import.meta.dirname, '..', '..', '..', 'dist', 'dashboard')
const assets = readdirSync(join(built, 'assets')).filter((name) => /\.(js|css|svg)$/.test(name))
const [script = ''] = assets.filter((name) => name.endsWith('.js'))

describe('the dashboard', () => {
  test('is had by anybody, may load its own files alone, and is never put into another page', async () => {
    const { url } = await openFront()
    const response = await new Asker(url).fetch('GET', '/')
    expect(response.status).toBe(200)
    expect(await response.text()).toContain(`./assets/${script}`)
    const policy = response.headers.get('content-security-policy')?.split('; ')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy?.join()).not.toMatch(/unsafe|\*|http|data:/)
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })

  test('holds no script and no style but by its files', () => {
    const html = readFileSync(join(built, 'index.html'), 'utf8')
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|https?:/)
  })

  test('has files that are kept for ever and come compressed to whoever takes that', async () => {
    const { url } = await openFront()
    const asker = new Asker(url)
    const get = (encoding: string) =>
      asker.fetch('GET', `/assets/${script}`, { headers: { 'accept-encoding': encoding } })
    const text = readFileSync(join(built, 'assets', script), 'utf8')
    for (const [accepted, encoding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip, deflate', 'gzip'],
      ['identity', null],
    ] as const) {
      const response = await get(accepted)
      expect(response.headers.get('content-encoding')).toBe(encoding)
      expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
      expect(response.headers.get('cache-control')).toContain('immutable')
      expect(await response.text()).toBe(text)
    }
    expect((await asker.refused('GET', '/assets/..%2findex.html')).status).toBe(404)
    expect((await asker.refused('GET', '/assets/other.js')).status).toBe(404)
  })

  test('weighs less than 120 KB compressed, all of it', () => {
    const files = ['index.html', ...assets.map((name) => join('assets', name))]
    const sizes = files.map((name) => gzipSync(readFileSync(join(built, name)), { level: 9 }).length)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(120_000)
  })
})
