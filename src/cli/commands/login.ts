import { CONNECT, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT } from '../errors.ts'
import { print } from '../output.ts'

export const login = define({
  name: 'login',
  about:
    'Print a link that logs a browser in with the rights of your token: once, and within ten minutes. What is secret in it ' +
    'stands behind the #, which no browser sends to a server or a proxy.',
  flags: CONNECT,
  json: '{"url","expires"}',
  examples: ['drumline login', 'drumline login --url https://ci.example.com --token-file ~/.drumline-token'],
  async run(context) {
    const { code, expires } = await withClient(context, (client) => client.call('login.code', {}))
    const url = `${pageOf(context.flags.url)}#code=${code}`
    await print(context, { url, expires }, () => `${url}\n`)
    return EXIT.ok
  },
})

/** Where the page is of a server whose address may also be written as its bus's. */
function pageOf(address: string): string {
  const { protocol, host, pathname } = new URL(address)
  const path = pathname.replace(/\/+$/, '').replace(/\/bus$/, '')
  return `${protocol.replace(/^ws/, 'http')}//${host}${path}/`
}
