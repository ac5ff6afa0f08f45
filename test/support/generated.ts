/** A document with its generated blocks made anew; the prose between them is somebody's own. */
export function refreshed(document: string, blocks: Readonly<Record<string, () => string>>): string {
  return Object.entries(blocks).reduce((whole, [name, render]) => {
    const block = new RegExp(`(<!-- ${name}: generated -->\n)[^]*?(\n<!-- /${name} -->)`)
    if (!block.test(whole)) throw new Error(`the document has no block "${name}"`)
    return whole.replace(block, (_, open: string, close: string) => `${open}\n${render()}\n${close}`)
  }, document)
}
