import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { WorkflowList } from '../../model/workflow-list.ts'
import { useWindowRows } from '../../parts/window-rows.ts'
import { isTyping } from '../../shell/keys.tsx'
import { Row } from './row.tsx'

/** Before the end is seen, the next page is read. */
const AHEAD = 30

/** As many rows as there are; those that are seen are drawn. */
export function Table({ list, filtered }: { list: WorkflowList; filtered: boolean }) {
  const rows = list.rows.value
  const place = useRef<HTMLTableSectionElement>(null)
  const height = useRowHeight(place)
  const { first, end, above, below } = useWindowRows(place, rows.length, height)
  const keys = useRowKeys(place, rows.length, height)
  const { busy, more, trouble } = list.reading.value
  useEffect(() => {
    if (more && !busy && trouble === '' && end + AHEAD > rows.length) void list.read()
  }, [list, more, busy, trouble, end, rows.length])
  // Whoever reads further down is not pushed away.
  useEffect(() => list.hold(first > 0), [list, first > 0])
  if (rows.length === 0) return busy ? null : <Nothing filtered={filtered} more={more} list={list} />
  return (
    <>
      {list.held > 0 && (
        <button type="button" class="newer" onClick={() => scrollTo(0, 0)}>
          {list.held} new above
        </button>
      )}
      <table class="rows card" aria-rowcount={rows.length + 1}>
        <caption class="unseen">Workflows, newest first</caption>
        <thead>
          <tr class="row row-head" aria-rowindex={1}>
            {['State', 'Workflow', 'Labels', 'Agent', 'Submitted', 'Took'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={place} style={{ paddingTop: `${above}px`, paddingBottom: `${below}px` }} onKeyDown={keys}>
          {rows.slice(first, end).map((workflow, at) => (
            <Row key={workflow.id} workflow={workflow} index={first + at} />
          ))}
        </tbody>
      </table>
      {busy && <p class="quiet rows-end">Reading older ones …</p>}
    </>
  )
}

function Nothing({ filtered, more, list }: { filtered: boolean; more: boolean; list: WorkflowList }) {
  if (filtered) {
    return (
      <section class="empty">
        <h2>None of these</h2>
        <p>{more ? 'None among the newest. ' : 'No workflow is like this. '}</p>
        {more && (
          <button type="button" onClick={() => void list.read()}>
            Look at older ones
          </button>
        )}
      </section>
    )
  }
  return (
    <section class="empty">
      <h2>No workflow yet</h2>
      <p>
        <a href="#/submit">Submit one here</a>, or from a terminal: <code>drumline submit pipeline.yaml --follow</code>
      </p>
    </section>
  )
}

/** As the stylesheet says, which is more on a phone. */
function useRowHeight(place: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(48)
  useLayoutEffect(() => {
    const measure = () => {
      const row = place.current?.querySelector('.row')
      if (row) setHeight(row.getBoundingClientRect().height)
    }
    measure()
    addEventListener('resize', measure)
    return () => removeEventListener('resize', measure)
  })
  return height
}

/** j and k, or the arrows within: the next row and the one before. */
function useRowKeys(place: { readonly current: HTMLElement | null }, count: number, height: number) {
  const goTo = (index: number) => {
    const link = () => place.current?.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"] a`)
    if (index < 0 || index >= count) return
    if (link()) link()?.focus()
    else {
      scrollTo(0, (place.current?.offsetTop ?? 0) + index * height - innerHeight / 2)
      requestAnimationFrame(() => requestAnimationFrame(() => link()?.focus()))
    }
  }
  const here = () => Number(document.activeElement?.closest('[aria-rowindex]')?.getAttribute('aria-rowindex') ?? 1) - 2
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || !['j', 'k'].includes(event.key)) return
      goTo(event.key === 'j' ? here() + 1 : here() - 1)
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  })
  return (event: KeyboardEvent) => {
    if (!['ArrowDown', 'ArrowUp'].includes(event.key)) return
    event.preventDefault()
    goTo(event.key === 'ArrowDown' ? here() + 1 : here() - 1)
  }
}
