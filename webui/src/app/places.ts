import { useNavigate, type LinkProps } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/** Where the navigation leads; `key` after g goes there. */
export interface Place {
  name: string
  link: { to: NonNullable<LinkProps['to']> }
  key?: string
  exact?: boolean
}

export const kScientistPlaces: Place[] = [
  { name: 'Home', link: { to: '/' }, key: 'h', exact: true },
  { name: 'Projects', link: { to: '/projects' }, key: 'p' },
  { name: 'Jobs', link: { to: '/jobs' }, key: 'j' },
  { name: 'Queue', link: { to: '/queue' }, key: 'q' },
  { name: 'Catalog', link: { to: '/catalog' }, key: 'c' },
]

export const kOperatorPlaces: Place[] = [
  { name: 'Cluster', link: { to: '/operator' }, key: 'o', exact: true },
  { name: 'Queue', link: { to: '/operator/queue' } },
  { name: 'Users', link: { to: '/operator/users' }, key: 'u' },
  { name: 'Groups', link: { to: '/operator/groups' } },
  { name: 'Pools', link: { to: '/operator/pools' } },
  { name: 'Nodes', link: { to: '/operator/nodes' }, key: 'n' },
  { name: 'Devices', link: { to: '/operator/devices' } },
  { name: 'Storages', link: { to: '/operator/storages' } },
  { name: 'Audit log', link: { to: '/operator/audit' } },
  { name: 'Settings', link: { to: '/operator/settings' } },
]

const kPatienceMs = 1200

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** "g" and then a letter goes to a place. */
export function useGoKeys(isOperator: boolean) {
  const navigate = useNavigate()
  const pressedAt = useRef(-Infinity)
  useEffect(() => {
    const places = isOperator ? [...kScientistPlaces, ...kOperatorPlaces] : kScientistPlaces
    const listener = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === 'g') {
        pressedAt.current = event.timeStamp
        return
      }
      const place = places.find((each) => each.key === event.key)
      if (!place || event.timeStamp - pressedAt.current > kPatienceMs) return
      pressedAt.current = -Infinity
      event.preventDefault()
      event.stopPropagation()
      void navigate(place.link)
    }
    document.addEventListener('keydown', listener, true)
    return () => document.removeEventListener('keydown', listener, true)
  }, [isOperator, navigate])
}
