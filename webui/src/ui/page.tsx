import { Link, useRouterState, type LinkProps } from '@tanstack/react-router'
import { useEffect, useRef, type ReactNode } from 'react'
import { Boundary } from './panel'
import classes from './page.module.css'

interface Crumb {
  text: string
  link: LinkProps
}

interface PageProps {
  title: string
  /** What stands before the title: the way here. */
  crumbs?: Crumb[]
  /** Beside the title, such as a state. */
  beside?: ReactNode
  actions?: ReactNode
  tabs?: ReactNode
  children: ReactNode
  /** The content scrolls by itself, as tables do. */
  filled?: boolean
}

/** The frame of every screen: the way here, title, actions, tabs, content. Also the title of the browser's tab. */
export function Page({ title, crumbs = [], beside, actions, tabs, children, filled = false }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Pintle`
  }, [title])
  const nav = useRef<HTMLElement>(null)
  const where = useRouterState({ select: (state) => state.location.pathname })
  useEffect(() => {
    // Of many tabs a phone shows a few: the one that one is on is among them.
    nav.current?.querySelector('[data-status="active"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [where])
  return (
    <div className={classes.page}>
      <div className={classes.header}>
        <h1 className={classes.title}>
          {crumbs.map((crumb) => (
            <span key={crumb.text} className={`${classes.crumb} clip`}>
              <Link {...crumb.link} title={crumb.text}>
                {crumb.text}
              </Link>{' '}
              /
            </span>
          ))}
          <span className="clip" title={title}>
            {title}
          </span>
          {beside}
        </h1>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {tabs && (
        <nav ref={nav} className={classes.tabs} aria-label="Parts of this page">
          {tabs}
        </nav>
      )}
      <Boundary>
        <div className={filled ? classes.filled : classes.body}>{children}</div>
      </Boundary>
    </div>
  )
}

/** A tab is a link: it has an address, opens in a new window, and goes back with the browser's button. */
export function PageTab({ children, exact = false, ...link }: LinkProps & { children: ReactNode; exact?: boolean }) {
  return (
    <Link {...(link as LinkProps)} className={classes.tab} activeOptions={{ exact, includeSearch: false }}>
      {children}
    </Link>
  )
}
