import { ActionIcon, Checkbox, Menu, Tooltip } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useCallback, useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react'
import classes from './data-table.module.css'

export interface Column<T> {
  id: string
  header: string
  /** A track of a CSS grid: "90px", "minmax(160px, 2fr)". Tracks with an intrinsic size would differ between rows. */
  width: string
  cell: (row: T) => ReactNode
  align?: 'end'
  /** What the server is asked to sort by, in the directions that it can; a second click changes between them. */
  sort?: { up: string; down?: string } | { up?: never; down: string }
  /** Cannot be hidden. */
  always?: boolean
}

interface Props<T> {
  /** What the rows are, for those who cannot see the table. */
  label: string
  columns: Column<T>[]
  rows: T[]
  /** The same function each time, or all rows are measured again while they scroll. */
  rowKey: (row: T) => string
  onOpen?: (row: T) => void
  /** Keys of the rows that are chosen; without `onSelect` rows cannot be chosen. */
  selected?: ReadonlySet<string>
  onSelect?: (selected: ReadonlySet<string>) => void
  sort?: string | undefined
  onSort?: (sort: string) => void
  hidden?: readonly string[]
  /** Called when the end comes near. */
  onEnd?: () => void
  /** Told the first and the last row that are in sight, or nearly so. */
  onSight?: (first: number, last: number) => void
  /** What follows the last row: that more is read, or why not. */
  footer?: ReactNode
  empty: ReactNode
}

const kRowHeight = 30
const kOverscan = 12

/**
 * A table of any length: only the rows in sight exist. Sorting and filtering are the server's work.
 * Keys: j/k or arrows move, x chooses, enter opens, home and end jump.
 */
export function DataTable<T>(props: Props<T>) {
  const { label, rows, rowKey, onOpen, selected, onSelect, sort, onSort, hidden = [], onEnd, onSight, footer, empty } = props
  const columns = props.columns.filter((column) => column.always || !hidden.includes(column.id))
  const scroller = useRef<HTMLDivElement>(null)
  const [activeKey, setActiveKey] = useState<string | null>(null)
  const ids = useId()
  const itemKey = useCallback((index: number) => (rows[index] === undefined ? index : rowKey(rows[index])), [rows, rowKey])
  useStill(scroller, rows, rowKey)
  const choice = useRef({ selected, onSelect })
  useEffect(() => {
    choice.current = { selected, onSelect }
  })
  const toggleKey = useCallback((key: string) => {
    const next = new Set(choice.current.selected)
    if (!next.delete(key)) next.add(key)
    choice.current.onSelect?.(next)
  }, [])
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    overscan: kOverscan,
    getItemKey: itemKey,
  })
  const items = virtual.getVirtualItems()
  const firstSeen = items[0]?.index ?? 0
  const lastSeen = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && lastSeen >= rows.length - kOverscan * 2) onEnd?.()
  }, [lastSeen, rows.length, onEnd])
  useEffect(() => onSight?.(firstSeen, lastSeen), [firstSeen, lastSeen, onSight])

  if (rows.length === 0) return <>{empty}</>

  const active = activeKey === null ? -1 : rows.findIndex((row) => rowKey(row) === activeKey)
  const least = leastWidth(columns, onSelect !== undefined)
  const template = `${onSelect ? '20px ' : ''}${columns.map((column) => column.width).join(' ')}`
  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index))
    const row = rows[next]
    if (row === undefined) return
    setActiveKey(rowKey(row))
    virtual.scrollToIndex(next, { align: 'auto' })
  }
  const toggle = (row: T) => toggleKey(rowKey(row))
  const hiddenText = hidden.join(' ')
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[active]
    const actions: Record<string, () => void> = {
      j: () => go(active + 1),
      ArrowDown: () => go(active + 1),
      k: () => go(active - 1),
      ArrowUp: () => go(active - 1),
      PageDown: () => go(active + 20),
      PageUp: () => go(active - 20),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      x: () => row !== undefined && toggle(row),
      Enter: () => row !== undefined && onOpen?.(row),
    }
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
  const allChosen = onSelect !== undefined && rows.every((row) => selected?.has(rowKey(row)))

  return (
    <div className={classes.frame}>
      <div
        ref={scroller}
        className={classes.scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length + (onSelect ? 1 : 0)}
        aria-multiselectable={onSelect !== undefined}
        aria-activedescendant={active >= 0 ? `${ids}-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" style={{ position: 'sticky', top: 0, zIndex: 1 }}>
          <div role="row" aria-rowindex={1} className={classes.head} style={{ gridTemplateColumns: template, minWidth: least }}>
            {onSelect && (
              <div role="columnheader">
                <Checkbox
                  aria-label="Choose all that are loaded"
                  checked={allChosen}
                  indeterminate={!allChosen && (selected?.size ?? 0) > 0}
                  onChange={() => onSelect(allChosen ? new Set() : new Set(rows.map(rowKey)))}
                />
              </div>
            )}
            {columns.map((column) => (
              <Header key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </div>
        </div>
        <div role="rowgroup" style={{ position: 'relative', height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            const key = rowKey(row)
            const isSelected = selected?.has(key) ?? false
            return (
              <div
                key={item.key}
                id={`${ids}-${item.index}`}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={onSelect ? isSelected : undefined}
                className={classes.row}
                style={{ gridTemplateColumns: template, minWidth: least, transform: `translateY(${item.start}px)` }}
                {...(item.index === active ? { 'data-active': true } : {})}
                {...(onOpen ? { 'data-openable': true } : {})}
                onClick={(event) => {
                  setActiveKey(key)
                  // What is in a row and reacts by itself keeps its click; so does a text that is being marked.
                  if ((event.target as HTMLElement).closest('a, button, input, label')) return
                  if (globalThis.getSelection()?.toString()) return
                  onOpen?.(row)
                }}
              >
                {onSelect && (
                  <div role="gridcell" className={classes.cell}>
                    <Choice checked={isSelected} row={key} onToggle={toggleKey} />
                  </div>
                )}
                <Cells row={row} columns={props.columns} hidden={hiddenText} />
              </div>
            )
          })}
        </div>
        {footer}
      </div>
    </div>
  )
}

interface CellsProps<T> {
  row: T
  columns: Column<T>[]
  /** Ids of columns that are not shown, in one text so that it is the same while they are. */
  hidden: string
}

// Rows move while lists grow and scroll; what is in them is drawn again only when it is another row's, or another state
// of it. In a storm of changes that is most of what a list costs.
const Cells = memo(function Cells<T>({ row, columns, hidden }: CellsProps<T>) {
  const without = hidden.split(' ')
  return columns
    .filter((column) => column.always || !without.includes(column.id))
    .map((column) => (
      <div key={column.id} role="gridcell" className={`${classes.cell} ${column.align === 'end' ? classes.end : ''}`}>
        {column.cell(row)}
      </div>
    ))
}) as <T>(props: CellsProps<T>) => ReactNode

interface ChoiceProps {
  checked: boolean
  row: string
  onToggle: (row: string) => void
}

/** The box by which a row is chosen: the browser's own, as there is one in each row and rows come and go. */
const Choice = memo(function Choice({ checked, row, onToggle }: ChoiceProps) {
  return <input type="checkbox" className={classes.choice} aria-label="Choose this row" checked={checked} onChange={() => onToggle(row)} tabIndex={-1} />
})

const kGap = 12
const kPadding = 8

/** The least width of every row, so that all have the same columns whatever is in them. */
function leastWidth<T>(columns: Column<T>[], hasChoice: boolean): number {
  const tracks = columns.map((column) => Number(/(\d+)px/.exec(column.width)?.[1] ?? 80))
  if (hasChoice) tracks.push(20)
  return tracks.reduce((sum, track) => sum + track + kGap, 2 * kPadding - kGap)
}

const kLookBack = 1000

/** Rows that come above those in sight move nothing: who has scrolled away from the top stays at the same row. */
function useStill<T>(scroller: RefObject<HTMLDivElement | null>, rows: T[], rowKey: (row: T) => string) {
  const first = useRef<string | null>(null)
  useLayoutEffect(() => {
    const before = first.current
    first.current = rows[0] === undefined ? null : rowKey(rows[0])
    const element = scroller.current
    if (!element || before === null || before === first.current || element.scrollTop < kRowHeight) return
    const moved = rows.slice(0, kLookBack).findIndex((row) => rowKey(row) === before)
    if (moved > 0) element.scrollBy({ top: moved * kRowHeight })
  }, [scroller, rows, rowKey])
}

interface HeaderProps<T> {
  column: Column<T>
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
}

function Header<T>({ column, sort, onSort }: HeaderProps<T>) {
  const order = column.sort
  const direction = order?.up && sort === order.up ? 'ascending' : order?.down && sort === order.down ? 'descending' : 'none'
  const next = order && (order.up === undefined || (direction === 'ascending' && order.down) ? order.down : order.up)
  return (
    <div role="columnheader" aria-sort={order ? direction : undefined} className={`${classes.cell} ${column.align === 'end' ? classes.end : ''}`}>
      {next && onSort ? (
        <button type="button" className={classes.sort} onClick={() => onSort(next)}>
          {column.header}
          <span aria-hidden="true">{direction === 'ascending' ? '↑' : direction === 'descending' ? '↓' : ''}</span>
        </button>
      ) : (
        column.header
      )}
    </div>
  )
}

interface ColumnMenuProps<T> {
  columns: Column<T>[]
  hidden: readonly string[]
  onHidden: (hidden: string[]) => void
}

/** Which columns are shown. */
export function ColumnMenu<T>({ columns, hidden, onHidden }: ColumnMenuProps<T>) {
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Tooltip label="Columns">
          <ActionIcon aria-label="Columns">
            <span aria-hidden="true">▥</span>
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {columns
          .filter((column) => !column.always)
          .map((column) => {
            const shown = !hidden.includes(column.id)
            return (
              <Menu.CheckboxItem key={column.id} checked={shown} onChange={() => onHidden(shown ? [...hidden, column.id] : hidden.filter((id) => id !== column.id))}>
                {column.header}
              </Menu.CheckboxItem>
            )
          })}
      </Menu.Dropdown>
    </Menu>
  )
}
