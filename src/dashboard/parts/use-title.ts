import { useEffect } from 'preact/hooks'

/** What the tab is called while this is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Drumline`
  }, [title])
}
