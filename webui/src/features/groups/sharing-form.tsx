import { Button, Checkbox, Group, NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Group as GroupShort, GroupFull } from '@/api/cluster'
import { useAction } from '@/ui/action'
import { ErrorPanel } from '@/ui/panel'
import { sayDone } from '@/ui/toast'
import { editGroup } from './api'
import { borrowingFault, borrowingSentences, type Borrowing } from './borrowing'

/** How a group shares: among its own people, and with other groups; always said in words too. */
export function SharingForm({ group, groups }: { group: GroupFull; groups: readonly GroupShort[] }) {
  const client = useQueryClient()
  const fair = useAction()
  const action = useAction()
  const known = group.borrowing
  const [shares, setShares] = useState(known !== null)
  const [cohort, setCohort] = useState(known?.cohort ?? '')
  const [nominal, setNominal] = useState<number | string>(known?.nominal ?? '')
  const [limit, setLimit] = useState<number | string>(known?.limit ?? 0)
  const [reclaim, setReclaim] = useState(known?.reclaim ?? false)
  const wish: Borrowing | null = shares ? { cohort: cohort.trim(), nominal: nominal === '' ? null : Number(nominal), limit: Number(limit), reclaim } : null
  const fault = wish && borrowingFault(wish)
  const mates = groups.filter((each) => each.id !== group.id && wish !== null && each.borrowing?.cohort === wish.cohort).map((each) => each.name)
  const isSame = JSON.stringify(wish) === JSON.stringify(known && { cohort: known.cohort, nominal: known.nominal, limit: known.limit, reclaim: known.reclaim })
  const save = async () => {
    await editGroup(client, group.id, { borrowing: wish })
    sayDone(wish ? `${group.name} shares within ${wish.cohort}.` : `${group.name} shares no more with other groups.`, () => editGroup(client, group.id, { borrowing: known }))
  }
  const setFair = (on: boolean) =>
    void fair.run(async () => {
      await editGroup(client, group.id, { fair_share: on })
      sayDone(`${group.name}: fair share is ${on ? 'on' : 'off'}.`, () => editGroup(client, group.id, { fair_share: !on }))
    })
  const cohorts = [...new Set(groups.flatMap((each) => (each.borrowing ? [each.borrowing.cohort] : [])))]
  return (
    <Stack gap={14}>
      <Switch
        label="Fair share"
        description="Among waiting jobs of equal priority, those of whoever uses fewest GPUs go first. Otherwise who came first."
        checked={group.fair_share}
        disabled={fair.busy}
        onChange={(event) => setFair(event.currentTarget.checked)}
      />
      {fair.error !== null && <ErrorPanel error={fair.error} />}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void action.run(save)
        }}
      >
        <Stack gap={10}>
          <Switch label="Share GPUs with other groups" checked={shares} onChange={(event) => setShares(event.currentTarget.checked)} />
          {shares && (
            <>
              <TextInput label="Cohort" description="Groups that name the same one share." value={cohort} onChange={(event) => setCohort(event.currentTarget.value)} list={`cohorts-${group.id}`} maxLength={255} autoComplete="off" />
              <datalist id={`cohorts-${group.id}`}>
                {cohorts.map((each) => (
                  <option key={each} value={each} />
                ))}
              </datalist>
              <Group gap={10} grow align="flex-end">
                <NumberInput label="Its own" description="Empty: all of its pool" value={nominal} onChange={setNominal} min={0} allowDecimal={false} />
                <NumberInput label="May borrow" description="GPUs at most" value={limit} onChange={setLimit} min={0} allowDecimal={false} />
              </Group>
              <Checkbox label="Reclaim: stop jobs of others to take back what is lent" checked={reclaim} onChange={(event) => setReclaim(event.currentTarget.checked)} />
            </>
          )}
          {fault ? (
            <Text className="tone-waiting">
              <span aria-hidden="true">▲</span> {fault}
            </Text>
          ) : (
            <div className="dim" aria-live="polite">
              {borrowingSentences(wish, group.pool.total, mates).map((sentence) => (
                <p key={sentence} className="wrap" style={{ margin: '0 0 4px' }}>
                  {sentence}
                </p>
              ))}
            </div>
          )}
          {action.error !== null && <ErrorPanel error={action.error} />}
          {!isSame && (
            <Group gap={8}>
              <Button type="submit" variant="filled" disabled={fault !== null} loading={action.busy}>
                Save sharing
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Stack>
  )
}
