import { fitsReceiver, MESSAGE, METHODS, type ResultOf, richText } from '../protocol/index.ts'

/** Room for the frame around a page. */
const PAGE_BYTES = MESSAGE.bytes - 1024

/** Reads a page, and a smaller one as long as it would not fit into one message, by its bytes and by its values. */
export async function fitting<M extends 'list' | 'logs' | 'agents' | 'subscribe' | 'token.list' | 'audit'>(
  method: M,
  size: number,
  read: (size: number) => Promise<ResultOf<M>>,
): Promise<ResultOf<M>> {
  for (let fewer = size; ; fewer = Math.ceil(fewer / 2)) {
    const page = await read(fewer)
    if (fewer <= 1 || fitsReceiver(richText(page, METHODS[method].result), PAGE_BYTES)) return page
  }
}
