import { Button, Group, Popover, Stack, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/error'
import { quotaText } from '@/lib/storage-fill'
import { useAction } from '@/ui/action'
import { sayDone } from '@/ui/toast'
import { setQuota } from './api'
import { quotaWish, type Row } from './usage'
import classes from './storages.module.css'

// What is wrong with what was typed, not that something of the request is.
function faultOf(error: unknown): string {
  return (error instanceof ApiError ? error.details[0]?.message : undefined) ?? messageOf(error)
}

/** The quota of a row, which an operator changes where it stands. */
export function QuotaCell({ storage, row }: { storage: string; row: Row }) {
  const client = useQueryClient()
  const action = useAction()
  const [opened, setOpened] = useState(false)
  const [typed, setTyped] = useState('')
  const { owner } = row
  if (owner === null) return <span className="dim">–</span>
  const set = async (quota: string) => {
    const before = quotaWish(row)
    const done = await action.run(() => setQuota(client, storage, owner, quota))
    if (!done) return
    setOpened(false)
    const words = quota === 'none' ? 'has no limit' : quota === 'default' ? "has the storage's own quota" : `may keep ${quota}`
    sayDone(`${row.name} ${words} on ${storage}.`, () => setQuota(client, storage, owner, before))
  }
  const open = (wanted: boolean) => {
    action.clear()
    setTyped('')
    setOpened(wanted)
  }
  return (
    <Popover opened={opened} onChange={open} position="bottom-end" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <button type="button" className={classes.quota} onClick={() => open(!opened)} aria-label={`Quota of ${row.name}: ${quotaText(row)}. Change it`} aria-expanded={opened}>
          <span className={row.quota_own ? undefined : 'dim'}>{quotaText(row)}</span> <span aria-hidden="true">✎</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void set(typed.trim())
          }}
        >
          <Stack gap={8} w={250}>
            <TextInput
              label={`Quota of the ${owner.kind} ${row.name}`}
              description={owner.kind === 'group' ? 'For everything of the group, all of its projects together.' : 'For its own folder. Jobs that write there wait when it is full.'}
              placeholder="100GB"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              error={action.error === null ? undefined : faultOf(action.error)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
            <Group gap={8}>
              <Button type="submit" variant="filled" disabled={typed.trim() === ''} loading={action.busy}>
                Set
              </Button>
              <Button variant="default" disabled={action.busy || (row.quota_own && row.quota_bytes === null)} onClick={() => void set('none')}>
                No limit
              </Button>
              <Button variant="default" disabled={action.busy || !row.quota_own} onClick={() => void set('default')}>
                Default
              </Button>
            </Group>
            {row.full && (
              <Text size="xs" className="tone-bad wrap">
                ✕ It is full: uploads are refused, and jobs that write there do not begin.
              </Text>
            )}
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
