import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import classes from './cluster-page.module.css'

interface FigureProps {
  name: string
  link: object
  number: ReactNode
  more: ReactNode
}

/** A number that leads to the list behind it. */
export function Figure({ name, link, number, more }: FigureProps) {
  return (
    <Link {...(link as LinkProps)} className={classes.figure}>
      <div className={classes.name}>{name}</div>
      <div className={`${classes.number} clip`}>{number}</div>
      <div className={classes.more}>{more}</div>
    </Link>
  )
}

/** A number that is not known yet, or cannot be: the panel below says why. */
export function unknown(query: { error: unknown }): ReactNode {
  return query.error ? (
    <span className="tone-bad" title="It could not be read">
      <span aria-hidden="true">✕</span>
      <span className="visually-hidden">not known</span>
    </span>
  ) : (
    <span className="dim">…</span>
  )
}
