import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ProjectFull } from '@/api/projects'
import { useMe } from '@/api/session'
import { DiffView } from '@/ui/code-editor'
import { TimeAgo } from '@/ui/time'
import { lastEditQuery } from './api'
import { textOf, type Draft } from './draft'

interface Props {
  project: ProjectFull
  draft: Draft
  onKeepMine: () => void
  onTakeTheirs: () => void
  onEdit: () => void
  onClose: () => void
}

/** Somebody else saved while this one edited: both are shown, and one is chosen. */
export function Conflict({ project, draft, onKeepMine, onTakeTheirs, onEdit, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} size="min(1100px, 96vw)" title="Somebody else saved this project meanwhile">
      <Stack gap={10}>
        <Text>
          <Who project={project} /> saved revision {project.revision} <TimeAgo at={project.updated_at} />; you began with revision {draft.revision}. Nothing of yours is lost: choose what is to be.
        </Text>
        <DiffView before={textOf(project)} after={draft.text} beforeLabel="Theirs, as it is saved" afterLabel="Mine, not saved" />
        <Group gap={8} justify="flex-end">
          <Button onClick={onTakeTheirs}>Take theirs</Button>
          <Button onClick={onEdit}>Go on editing mine</Button>
          <Button variant="filled" onClick={onKeepMine}>
            Keep mine: save it over theirs
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** Who it was is in the audit log, which operators may read. */
function Who({ project }: { project: ProjectFull }) {
  const me = useMe()
  const { data } = useQuery({ ...lastEditQuery(project), enabled: me.isOperator })
  return <>{data ? data.actor : 'Somebody'}</>
}
