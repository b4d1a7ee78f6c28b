import { useRouter } from '@tanstack/react-router'
import type { MouseEvent, ReactNode } from 'react'

interface Props {
  /** An address of this interface, encoded. */
  href: string
  title?: string
  children: ReactNode
}

/**
 * A link in a row of a table. The router's own links watch where one is, to know whether they lead there; among hundreds of
 * rows that come and go in a storm of changes that is most of what the rows cost.
 */
export function RowLink({ href, title, children }: Props) {
  const router = useRouter()
  const follow = (event: MouseEvent) => {
    // Other buttons and keys mean another tab or window, which is the browser's to open.
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    router.history.push(href)
  }
  return (
    <a href={href} className="clip" title={title} style={{ display: 'block' }} onClick={follow}>
      {children}
    </a>
  )
}
