import { Anchor, Button, NativeSelect, NumberInput, TextInput, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { counted } from '@/lib/quantity'
import { AllLogs } from './all-logs'
import { downloadUrl, logsQuery } from './api'
import { LogHits } from './log-hits'
import type { LogSearch } from './log-search'
import { OneLog } from './one-log'
import classes from './logs.module.css'

interface Props {
  /** The id of a job. */
  job: string
  /** It may still write. */
  live: boolean
  search: LogSearch
  onSearch: (search: LogSearch) => void
}

/** The logs of a job, each by itself and all as one. */
export function LogView({ job, live, search, onSearch }: Props) {
  const logs = useQuery(logsQuery(job))
  const streams = logs.data?.items ?? []
  const replicas = streams.filter((stream) => stream.replica !== 'job')
  const replica = search.replica ?? (replicas.length === 1 ? replicas[0]!.replica : 'all')
  const stream = streams.find((each) => each.replica === replica)
  const [stuck, setStuck] = useState(search.line === undefined || (search.replica === 'all' && search.of === undefined))
  if (!logs.data && !logs.error && search.replica === undefined) return null
  const options = [
    { value: 'all', label: 'All, by time' },
    ...replicas.map((each) => ({ value: each.replica, label: each.replica })),
    { value: 'job', label: 'The job’s own log' },
  ]
  if (!options.some((option) => option.value === replica)) options.push({ value: replica, label: replica })
  const choose = (next: string) => {
    setStuck(true)
    onSearch({ ...search, replica: next, line: undefined, of: undefined })
  }
  const goTo = (line: number | undefined) => {
    if (line !== undefined) setStuck(false)
    onSearch({ ...search, line })
  }
  const common = { job, live, search, onSearch: (next: LogSearch) => onSearch(next), stuck, onStuck: setStuck }
  return (
    <div className={classes.view}>
      <div className={classes.bar} role="toolbar" aria-label="Log">
        <NativeSelect size="xs" aria-label="Whose log" data={options} value={replica} onChange={(event) => choose(event.currentTarget.value)} maw={220} />
        <Grep search={search} onSearch={onSearch} />
        {replica !== 'all' && <GoToLine line={search.line} onLine={goTo} most={stream?.lines} />}
        <Toggle on={search.wrap ?? false} label="Wrap" hint="Long lines go on in the next one" onClick={() => onSearch({ ...search, wrap: search.wrap ? undefined : true })} />
        <Toggle on={search.times ?? false} label="Times" hint="When each line was written" onClick={() => onSearch({ ...search, times: search.times ? undefined : true })} />
        <span className={classes.space} />
        {stream && <span className="dim">{counted(stream.lines, 'line')}</span>}
        {live && <span className="tone-busy">{stuck ? '● following' : '○ not following'}</span>}
        <Anchor href={downloadUrl(job, replica)} download>
          Download
        </Anchor>
      </div>
      <div className={classes.lines}>
        {replica === 'all' ? <AllLogs key="all" {...common} /> : <OneLog key={replica} replica={replica} {...common} />}
        {search.grep && (
          <LogHits
            job={job}
            replica={replica}
            grep={search.grep}
            minded={search.case ?? false}
            current={search.line === undefined ? null : { replica: search.of ?? replica, line: search.line }}
            onHit={(hit) => {
              setStuck(false)
              onSearch({ ...search, replica, line: hit.line, of: replica === 'all' ? hit.replica : undefined })
            }}
            onClose={() => onSearch({ ...search, grep: undefined })}
          />
        )}
      </div>
    </div>
  )
}

function Grep({ search, onSearch }: Pick<Props, 'search' | 'onSearch'>) {
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(search.grep ?? '')
  const [known, setKnown] = useState(search.grep)
  if (known !== search.grep) {
    setKnown(search.grep)
    setTyped(search.grep ?? '')
  }
  useHotkeys([['/', () => input.current?.focus()]])
  return (
    <form
      style={{ display: 'flex', gap: 4, alignItems: 'center' }}
      onSubmit={(event) => {
        event.preventDefault()
        onSearch({ ...search, grep: typed || undefined })
      }}
    >
      <TextInput ref={input} type="search" aria-label="Search the log for a regular expression" placeholder="Search  ( / )" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} w={190} autoComplete="off" spellCheck={false} />
      <Toggle on={search.case ?? false} label="Aa" hint="Mind upper and lower case" onClick={() => onSearch({ ...search, case: search.case ? undefined : true })} />
    </form>
  )
}

function GoToLine({ line, onLine, most }: { line: number | undefined; onLine: (line: number | undefined) => void; most: number | undefined }) {
  const [typed, setTyped] = useState<number | string>(line ?? '')
  const [known, setKnown] = useState(line)
  if (known !== line) {
    setKnown(line)
    setTyped(line ?? '')
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const wanted = Number(typed)
        onLine(typed === '' || !Number.isSafeInteger(wanted) || wanted < 1 ? undefined : wanted)
      }}
    >
      <NumberInput aria-label="Go to line" placeholder="Line" hideControls allowDecimal={false} allowNegative={false} min={1} clampBehavior="none" w={84} value={typed} onChange={setTyped} title={most ? `Of ${most.toLocaleString('en')}` : undefined} />
    </form>
  )
}

function Toggle({ on, label, hint, onClick }: { on: boolean; label: string; hint: string; onClick: () => void }) {
  return (
    <Tooltip label={hint}>
      <Button aria-pressed={on} variant={on ? 'light' : 'default'} onClick={onClick}>
        {label}
      </Button>
    </Tooltip>
  )
}
