import { hrefOf, route } from '../model/route.ts'

export const PAGES = [
  { page: 'overview', name: 'Overview', key: 'o' },
  { page: 'workflows', name: 'Workflows', key: 'w' },
  { page: 'agents', name: 'Agents', key: 'a' },
  { page: 'submit', name: 'Submit', key: 's' },
] as const

export function Nav() {
  return (
    <nav aria-label="Pages">
      <ul>
        {PAGES.map(({ page, name }) => (
          <li key={page}>
            <a href={hrefOf(page)} aria-current={route.value.page === page ? 'page' : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
