import type { PlacedFault } from '@/lib/faults'
import { FaultList } from '@/ui/fault-list'
import type { Template } from './api'
import classes from './catalog.module.css'
import { iconOf } from './wizard'

/** A template's picture; its first letter where it has none. */
export function Icon({ template }: { template: Pick<Template, 'icon' | 'title'> }) {
  const icon = iconOf(template)
  if (icon !== null) return <img className={classes.icon} src={icon} alt="" />
  return (
    <span className={`${classes.icon} ${classes.letter}`} aria-hidden="true">
      {[...template.title.trim()][0]?.toUpperCase() ?? '?'}
    </span>
  )
}

/** Words by which it is found. */
export function Keywords({ words }: { words: readonly string[] }) {
  if (words.length === 0) return null
  return (
    <ul className={classes.tags} aria-label="Keywords">
      {words.slice(0, 8).map((word) => (
        <li key={word} className="clip" title={word}>
          {word}
        </li>
      ))}
    </ul>
  )
}

/** Faults of a template's files, each with its file and place. */
export function TemplateFaults({ faults }: { faults: Template['faults'] }) {
  return <FaultList faults={faults.map((fault): PlacedFault => ({ ...fault, path: [fault.file, fault.path].filter(Boolean).join(' ') }))} />
}
