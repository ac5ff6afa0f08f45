import { usage } from './errors.ts'

/** What `--listen` says: `127.0.0.1:7800`, `[::1]:7800`, or `:7800` for every address. */
export function listenAddress(listen: string, name = '--listen'): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(listen) ?? []
  const port = Number(digits ?? Number.NaN)
  if (!(port <= 65_535)) {
    throw usage(`${name} must be host:port, such as 127.0.0.1:7800, not ${JSON.stringify(listen)}`)
  }
  return { host: bracketed ?? (plain === '' ? '0.0.0.0' : (plain ?? '')), port }
}
