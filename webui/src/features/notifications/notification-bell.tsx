import { ActionIcon, Indicator, Popover, Text, Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api, take } from '@/api/client'
import type { LiveEvent } from '@/api/live'
import { keep, readKept } from '@/lib/kept'
import { hasEnded } from '@/api/states'
import { StateBadge } from '@/ui/state-badge'
import { TimeAgo } from '@/ui/time'
import { kMost, readFinished, unseen, withJobs, type Finished } from './finished-jobs'

const kSettleMs = 500

interface Props {
  user: string
  listen: (listener: (event: LiveEvent) => void) => () => void
}

function keyOf(user: string) {
  return `pintle.finished.${user}`
}

/** One's own jobs that finished or failed while the page was open. */
export function NotificationBell({ user, listen }: Props) {
  const [list, setList] = useState<readonly Finished[]>(() => readFinished(readKept(keyOf(user))))
  const [opened, setOpened] = useState(false)
  useEffect(() => {
    const told = new Set<string>()
    let timer: ReturnType<typeof setTimeout> | null = null
    // However many end at once, and whosever they are, they cost one request.
    const read = () => {
      timer = null
      const ended = new Set(told)
      told.clear()
      take(api.GET('/jobs', { params: { query: { show: 'owned', order: 'ended', limit: kMost } } })).then(
        ({ items }) => setList((before) => withJobs(before, user, ended, items)),
        () => {},
      )
    }
    const stop = listen((event) => {
      if (event.kind !== 'change' || event.change.kind !== 'job' || !event.change.state || !hasEnded(event.change.state)) return
      told.add(event.change.id)
      timer ??= setTimeout(read, kSettleMs)
    })
    return () => {
      if (timer !== null) clearTimeout(timer)
      stop()
    }
  }, [listen, user])
  useEffect(() => keep(keyOf(user), JSON.stringify(list)), [list, user])
  const open = (next: boolean) => {
    setOpened(next)
    if (next) return
    setList((before) => before.map((each) => ({ ...each, seen: true })))
  }
  const fresh = unseen(list)
  return (
    <Popover opened={opened} onChange={open} position="bottom-end" width={340} trapFocus>
      <Popover.Target>
        <Tooltip label="Finished and failed jobs">
          <Indicator disabled={fresh === 0} label={fresh} size={14} color="accent">
            <ActionIcon aria-label={fresh > 0 ? `Notifications, ${fresh} new` : 'Notifications'} onClick={() => open(!opened)}>
              <span aria-hidden="true">◷</span>
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} mah={420} style={{ overflow: 'auto' }}>
        {list.length === 0 ? (
          <Text p={12} c="dimmed">
            Jobs of yours that finish or fail are announced here.
          </Text>
        ) : (
          <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
            {list.map((each) => (
              <li key={each.job} style={{ padding: '6px 12px', borderBottom: '1px solid var(--line)' }}>
                <div style={{ display: 'flex', gap: 8, justifyContent: 'space-between' }}>
                  <Link to="/jobs/$job" params={{ job: each.job }} className="clip" onClick={() => open(false)} style={{ fontWeight: each.seen ? 400 : 600 }}>
                    {each.name}
                  </Link>
                  <span className="dim" style={{ whiteSpace: 'nowrap' }}>
                    <TimeAgo at={each.at} />
                  </span>
                </div>
                <StateBadge state={each.state} /> <span className="dim wrap">{each.reason}</span>
              </li>
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  )
}
