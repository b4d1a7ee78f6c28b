import { Button, Group, Modal, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { useAction } from './action'
import { ErrorPanel } from './panel'

interface Props {
  /** Asked at the moment of leaving. */
  isDirty: () => boolean
  onSave: () => Promise<boolean>
  onDiscard?: () => void
  /** They are there again when one comes back. */
  kept?: boolean
}

/** Asks what becomes of changes that are not saved before their page is left. */
export function LeaveGuard({ isDirty, onSave, onDiscard, kept = false }: Props) {
  const blocker = useBlocker({
    withResolver: true,
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && isDirty(),
    enableBeforeUnload: isDirty,
  })
  const action = useAction()
  if (blocker.status !== 'blocked') return null
  return (
    <Modal opened onClose={blocker.reset} title="Leave with changes that are not saved?">
      <Text mb={12}>{kept ? 'They stay in this tab until you come back, or you save or discard them now.' : 'They are lost unless you save them.'}</Text>
      {action.error !== null && <ErrorPanel error={action.error} />}
      <Group gap={8} justify="flex-end">
        <Button onClick={blocker.reset}>Stay</Button>
        <Button
          onClick={() => {
            onDiscard?.()
            blocker.proceed()
          }}
        >
          Discard them
        </Button>
        {kept && <Button onClick={blocker.proceed}>Leave them here</Button>}
        <Button
          variant="filled"
          loading={action.busy}
          data-autofocus
          onClick={() =>
            void action.run(async () => {
              if (await onSave()) blocker.proceed()
              else blocker.reset()
            })
          }
        >
          Save and leave
        </Button>
      </Group>
    </Modal>
  )
}
