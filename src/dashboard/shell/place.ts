import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Me } from '../../client/index.ts'
import type { Bus } from '../model/bus.ts'
import type { Live } from '../model/live.ts'

/** What every page has at hand once somebody is logged in. */
export interface Place {
  readonly me: Me
  readonly bus: Bus
  readonly live: Live
  /** Whether it may change anything. */
  readonly operates: boolean
  /** Whether it is not confined to labels. */
  readonly seesAll: boolean
}

export const PlaceContext = createContext<Place | undefined>(undefined)

export function usePlace(): Place {
  const place = useContext(PlaceContext)
  if (place === undefined) throw new Error('only within the page of somebody who is logged in')
  return place
}
