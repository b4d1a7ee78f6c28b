import { ActionIcon, Button, Menu } from '@mantine/core'
import { useEffect, useId, useRef, type KeyboardEvent } from 'react'
import type { PlacedFault } from '@/lib/faults'
import { scalarText, type ProjectModel, type TaskModel } from '@/lib/project-document'
import type { Place } from './edits'
import { countIn } from './field-faults'
import classes from './tasks.module.css'

/** What is shown at the right: all tasks, a task, or a resource. */
export type Chosen = Place | 'all'

export interface TreeActions {
  choose: (chosen: Chosen) => void
  addTask: () => void
  addResource: (task: number) => void
  duplicate: (place: Place) => void
  remove: (place: Place) => void
  move: (place: Place, by: number) => void
  /** To where the name is edited. */
  edit: () => void
}

interface Props {
  project: ProjectModel
  faults: readonly PlacedFault[]
  chosen: Chosen
  actions: TreeActions
  disabled: boolean
}

interface Item {
  chosen: Chosen
  name: string
  level: 1 | 2
}

function isSame(one: Chosen, other: Chosen): boolean {
  if (one === 'all' || other === 'all') return one === other
  return one.task === other.task && one.resource === other.resource
}

function itemsOf(project: ProjectModel): Item[] {
  return [
    { chosen: 'all', name: 'All tasks', level: 1 },
    ...project.tasks.flatMap((task, index): Item[] => [
      { chosen: { task: index }, name: task.name || `(task ${index + 1})`, level: 1 },
      ...task.resources.map((resource, at): Item => ({ chosen: { task: index, resource: at }, name: resource.name || `(resource ${at + 1})`, level: 2 })),
    ]),
  ]
}

/**
 * Tasks with their resources. Keys: arrows choose, alt with arrows moves, enter goes to the form, insert adds a
 * resource, ctrl-d duplicates, delete removes.
 */
export function TaskTree({ project, faults, chosen, actions, disabled }: Props) {
  const ids = useId()
  const tree = useRef<HTMLDivElement>(null)
  const items = itemsOf(project)
  const active = Math.max(0, items.findIndex((item) => isSame(item.chosen, chosen)))
  const place = chosen === 'all' ? null : chosen
  useEffect(() => {
    const row = tree.current?.children[active]
    // Not every place where this runs can scroll.
    if (row instanceof HTMLElement && typeof row.scrollIntoView === 'function') row.scrollIntoView({ block: 'nearest' })
  }, [active])
  const go = (index: number) => {
    const item = items[Math.max(0, Math.min(items.length - 1, index))]
    if (item) actions.choose(item.chosen)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    const moving = event.altKey && place && !disabled
    const control = event.ctrlKey || event.metaKey
    const work: (() => void) | undefined =
      event.key === 'ArrowDown' ? (moving ? () => actions.move(place, 1) : () => go(active + 1))
      : event.key === 'ArrowUp' ? (moving ? () => actions.move(place, -1) : () => go(active - 1))
      : event.key === 'Home' ? () => go(0)
      : event.key === 'End' ? () => go(items.length - 1)
      : event.key === 'j' && !control ? () => go(active + 1)
      : event.key === 'k' && !control ? () => go(active - 1)
      : event.key === 'Enter' || event.key === 'F2' ? actions.edit
      : disabled || !place ? undefined
      : event.key === 'Delete' ? () => actions.remove(place)
      : event.key === 'Insert' ? () => actions.addResource(place.task)
      : control && event.key === 'd' ? () => actions.duplicate(place)
      : undefined
    if (!work) return
    event.preventDefault()
    work()
  }
  return (
    <div className={classes.side}>
      <div ref={tree} className={classes.tree} role="tree" aria-label="Tasks and resources" tabIndex={0} aria-activedescendant={`${ids}-${active}`} onKeyDown={onKeyDown}>
        {items.map((item, index) => {
          const count = item.chosen === 'all' ? 0 : countIn(faults, item.chosen)
          const selected = index === active
          return (
            <div key={`${index}`} id={`${ids}-${index}`} role="treeitem" aria-level={item.level} aria-selected={selected} className={classes.item} onClick={() => actions.choose(item.chosen)}>
              <span className={`${classes.name} clip ${item.chosen === 'all' ? 'dim' : ''}`} title={item.name}>
                {item.name}
              </span>
              {count > 0 && (
                <span className="tone-bad" role="img" aria-label={`${count} ${count === 1 ? 'fault' : 'faults'}`}>
                  ✕ {count}
                </span>
              )}
              {selected && place && <ItemMenu place={place} name={item.name} actions={actions} disabled={disabled} />}
            </div>
          )
        })}
      </div>
      <div className={classes.add}>
        <Button onClick={actions.addTask} disabled={disabled}>
          + task
        </Button>
        <Button onClick={() => place && actions.addResource(place.task)} disabled={disabled || !place}>
          + resource
        </Button>
      </div>
    </div>
  )
}

function ItemMenu({ place, name, actions, disabled }: { place: Place; name: string; actions: TreeActions; disabled: boolean }) {
  return (
    <Menu position="bottom-start" width={190}>
      <Menu.Target>
        <ActionIcon size="sm" aria-label={`What to do with ${name}`} onClick={(event) => event.stopPropagation()} disabled={disabled}>
          <span aria-hidden="true">⋯</span>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
        <Menu.Item onClick={actions.edit}>Rename</Menu.Item>
        <Menu.Item onClick={() => actions.duplicate(place)} rightSection={<Keys text="Ctrl D" />}>
          Duplicate
        </Menu.Item>
        <Menu.Item onClick={() => actions.addResource(place.task)} rightSection={<Keys text="Ins" />}>
          Add a resource
        </Menu.Item>
        <Menu.Item onClick={() => actions.move(place, -1)} rightSection={<Keys text="Alt ↑" />}>
          Move up
        </Menu.Item>
        <Menu.Item onClick={() => actions.move(place, 1)} rightSection={<Keys text="Alt ↓" />}>
          Move down
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => actions.remove(place)} rightSection={<Keys text="Del" />}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function Keys({ text }: { text: string }) {
  return <kbd className="mono dim">{text}</kbd>
}

/** The resources of a task in one line each, where there are several. */
export function ResourceList({ task, onChoose }: { task: TaskModel; onChoose: (index: number) => void }) {
  return (
    <fieldset className={classes.section}>
      <legend>Resources</legend>
      <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
        {task.resources.map((resource, index) => (
          <li key={index} style={{ display: 'flex', gap: 12, alignItems: 'center', minHeight: 30, borderBottom: '1px solid var(--line)' }}>
            <button type="button" onClick={() => onChoose(index)} style={{ all: 'unset', cursor: 'pointer', color: 'var(--accent)', flexShrink: 0, maxWidth: '40%' }} className="clip">
              {resource.name || `(resource ${index + 1})`}
            </button>
            <span className="dim" style={{ flexShrink: 0 }}>
              × {scalarText(resource.fields.replicas) || '1'}
            </span>
            <span className="mono clip">{scalarText(resource.fields.command)}</span>
          </li>
        ))}
      </ul>
    </fieldset>
  )
}
