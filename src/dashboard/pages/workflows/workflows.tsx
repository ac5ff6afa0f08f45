import { useEffect, useMemo } from 'preact/hooks'
import { hrefOf, route } from '../../model/route.ts'
import { filterOf, queryOf } from '../../model/workflow-filter.ts'
import { WorkflowList } from '../../model/workflow-list.ts'
import { countText } from '../../parts/format.ts'
import { useTitle } from '../../parts/use-title.ts'
import { usePlace } from '../../shell/place.ts'
import { Filter } from './filter.tsx'
import { Table } from './table.tsx'

export function Workflows() {
  const { bus, live, operates } = usePlace()
  const filter = filterOf(route.value.query)
  const key = JSON.stringify(queryOf(filter))
  // One list for each filter: what is read for another is of no use.
  const list = useMemo(() => new WorkflowList(bus, live, filter), [bus, live, key])
  useEffect(() => () => list.close(), [list])
  useTitle('Workflows')
  const { busy, more, trouble } = list.reading.value
  const shown = list.rows.value.length
  return (
    <>
      <div class="head">
        <h1>Workflows</h1>
        <p class="quiet" role="status">
          {busy && shown === 0 ? 'Reading …' : wordsFor(shown, more)}
        </p>
        {operates && (
          <div class="acts">
            <a class="button main" href={hrefOf('submit')}>
              Submit a workflow
            </a>
          </div>
        )}
      </div>
      <Filter filter={filter} />
      {trouble !== '' && (
        <p class="note note-bad" role="alert">
          The list could not be read: {trouble}.{' '}
          <button type="button" class="plain" onClick={() => void list.read()}>
            Try again
          </button>
        </p>
      )}
      <Table list={list} filtered={key !== NO_FILTER} />
    </>
  )
}

function wordsFor(count: number, more: boolean): string {
  if (more) return `the newest ${countText(count)}`
  return count === 1 ? 'one' : countText(count)
}

const NO_FILTER = JSON.stringify(queryOf({ states: [], labels: {}, text: '' }))
