import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CloseError, decodeEach, ERROR_CODES, FRAMES, type Frame } from '../../src/protocol/index.ts'
import { rulesBlock } from '../conformance/rules-block.ts'
import { refreshed } from '../support/generated.ts'
import { goldenFrames } from './golden.ts'
import { SAMPLES } from './samples.ts'
import { wireSchema } from './schema.ts'
import { closesBlock, framesBlock, limitsBlock, methodsBlock } from './tables.ts'

// `npm run docs` writes these files anew; otherwise a difference fails here.
const DOCUMENT = new URL('../../docs/protocol.md', import.meta.url)
const file = (name: string) => `../../docs/wire/${name}`

const BLOCKS = {
  frames: framesBlock,
  methods: methodsBlock,
  limits: limitsBlock,
  closes: closesBlock,
  rules: rulesBlock,
}

describe('the JSON Schema', () => {
  it('is what the schemas say', async () => {
    await expect(`${JSON.stringify(wireSchema(), null, 2)}\n`).toMatchFileSnapshot(file('drumline.v1.schema.json'))
  })
})

describe('case 1: the golden frames', () => {
  it('are the file that agents in other languages test against', async () => {
    const lines = goldenFrames().map((golden) => `  ${JSON.stringify(golden)}`)
    await expect(`[\n${lines.join(',\n')}\n]\n`).toMatchFileSnapshot(file('golden.json'))
  })

  it.each(goldenFrames())('$name', ({ from, text, frames, close }) => {
    const seen: Frame[] = []
    let refusal: unknown
    try {
      decodeEach(text, { receives: from, maxBytes: 65_536 }, (frame) => void seen.push(frame))
    } catch (error) {
      refusal = error
    }
    expect(seen).toHaveLength(frames)
    expect(refusal instanceof CloseError ? refusal.code : refusal).toBe(close)
    if (close === undefined) expect(JSON.parse(JSON.stringify(seen))).toEqual(asRead([JSON.parse(text)].flat()))
  })

  it('hold one good frame of every type', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(Object.keys(FRAMES).sort())
  })
})

describe('docs/protocol.md', () => {
  const text = readFileSync(DOCUMENT, 'utf8')

  it('lists every frame, method, limit and close code as the code has them', async () => {
    await expect(refreshed(text, BLOCKS)).toMatchFileSnapshot('../../docs/protocol.md')
  })

  it('says what every field of every frame means', () => {
    expect(framesBlock().match(/^.*\|\s*\|$/gm)).toBeNull()
  })

  it.each([...ERROR_CODES])('explains the error %s', (code) => {
    expect(text).toContain(`| \`${code}\` |`)
  })
})

/** As a reader has them: an unknown key of hello is dropped, an event's data opened. */
function asRead(frames: Record<string, unknown>[]): Record<string, unknown>[] {
  return frames.map(({ surprise: _, ...frame }) =>
    frame.type === 'event' ? { ...frame, data: (frame.data as { json: unknown }).json } : frame,
  )
}
