import { type ReadonlySignal, signal } from '@preact/signals'

/** What the address says is to be shown. It stands in the fragment, so it works under any prefix of a proxy. */
export interface Route {
  /** `overview`, `workflows`, `agents`, `submit`; unknown ones are shown as such. */
  readonly page: string
  /** Of a workflow; empty for a list. */
  readonly id: string
  readonly query: URLSearchParams
}

const current = signal(routeOf(location.hash))
addEventListener('hashchange', () => {
  current.value = routeOf(location.hash)
})

export const route: ReadonlySignal<Route> = current

function routeOf(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [page = '', id = ''] = path.split('/').map(decoded)
  return { page: page || 'overview', id, query: new URLSearchParams(search) }
}

/** The address of a page: `hrefOf('workflows', id, { step: 'build' })`. Empty values are left out. */
export function hrefOf(
  page: string,
  id = '',
  query: Readonly<Record<string, string | undefined>> | URLSearchParams = {},
) {
  const given = query instanceof URLSearchParams ? [...query] : Object.entries(query)
  const search = new URLSearchParams(given.filter((pair): pair is [string, string] => (pair[1] ?? '') !== ''))
  const path = [page === 'overview' ? '' : page, ...(id === '' ? [] : [encodeURIComponent(id)])].join('/')
  return `#/${path}${search.size === 0 ? '' : `?${search}`}`
}

/** Goes there. With `replace` the address before is forgotten: for a filter that is being typed. */
export function go(href: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', href)
  else history.pushState(null, '', href)
  current.value = routeOf(href)
}

/** Changes what the address says beside the page. */
export function refine(changes: Readonly<Record<string, string | undefined>>): void {
  const { page, id, query } = current.value
  const next = new URLSearchParams(query)
  for (const [name, value = ''] of Object.entries(changes)) {
    if (value === '') next.delete(name)
    else next.set(name, value)
  }
  go(hrefOf(page, id, next), { replace: true })
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
