import { ActionIcon, Tooltip } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import { Boundary } from './panel'
import classes from './side-pane.module.css'

/** A table and, beside it, what was chosen in it. */
export function Split({ children, pane }: { children: ReactNode; pane: ReactNode }) {
  return (
    <div className={classes.split}>
      <div className={classes.main}>{children}</div>
      {pane}
    </div>
  )
}

interface PaneProps {
  title: string
  onClose: () => void
  children: ReactNode
}

/** The details of one row; escape closes it, and the keyboard is back where it was. */
export function SidePane({ title, onClose, children }: PaneProps) {
  const pane = useRef<HTMLElement>(null)
  useEffect(() => {
    const before = document.activeElement
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <aside
      ref={pane}
      className={classes.pane}
      aria-label={title}
      onKeyDown={(event) => {
        // What is open above the pane, such as a list of choices, closes first and marks the key as used.
        if (event.key === 'Escape' && !event.defaultPrevented && pane.current?.contains(event.target as Node)) onClose()
      }}
    >
      <div className={classes.head}>
        <h2 className={`${classes.title} clip`} title={title}>
          {title}
        </h2>
        <Tooltip label="Close">
          <ActionIcon aria-label="Close the details" onClick={onClose}>
            <span aria-hidden="true">✕</span>
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.body}>
        <Boundary key={title}>{children}</Boundary>
      </div>
    </aside>
  )
}

/** Names and values, aligned. What is null is left out. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <FactRow key={name} name={name} value={value} />
        ))}
    </dl>
  )
}

function FactRow({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}
