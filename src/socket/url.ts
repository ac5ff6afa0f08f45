const SCHEMES: Readonly<Record<string, string>> = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }

/**
 * The bus's address from what a person types: `http(s)` or `ws(s)`, with `/bus` implied (`https://ci.example.com`, or
 * behind a prefix `https://example.com/ci`). Throws a `TypeError` that says what is wrong.
 */
export function busUrl(input: string): URL {
  const url = parse(input)
  const scheme = SCHEMES[url.protocol]
  if (scheme === undefined) throw new TypeError(`${url.protocol}// is not http, https, ws or wss`)
  // A secret in an address ends up in logs and process lists.
  if (url.username !== '' || url.password !== '') throw new TypeError('the address must not hold a user or password')
  if (url.search !== '' || url.hash !== '') throw new TypeError('the address must not hold a query or fragment')
  const path = url.pathname.replace(/\/+$/, '')
  return new URL(`${scheme}//${url.host}${path.endsWith('/bus') ? path : `${path}/bus`}`)
}

function parse(input: string): URL {
  if (!URL.canParse(input))
    throw new TypeError(`not an address: ${JSON.stringify(input)} (like https://ci.example.com)`)
  return new URL(input)
}
