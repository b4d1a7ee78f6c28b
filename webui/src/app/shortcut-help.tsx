import { Modal, Table } from '@mantine/core'

const kShortcuts: [string, string][] = [
  ['Ctrl K or ⌘K', 'Search, and every command'],
  ['g then h, p, j, q', 'Go to home, projects, jobs, queue'],
  ['g then o, u, n', 'Operators: go to the cluster, users, nodes'],
  ['j, k', 'Next and previous row of a table'],
  ['x', 'Choose a row'],
  ['Enter', 'Open a row'],
  ['/', 'Filter the list'],
  ['Ctrl S or ⌘S', 'Save what is being edited'],
  ['Ctrl Enter or ⌘Enter', 'Save and run the task'],
  ['?', 'This list'],
]

export function ShortcutHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard">
      <Table>
        <Table.Tbody>
          {kShortcuts.map(([keys, what]) => (
            <Table.Tr key={keys}>
              <Table.Td className="mono">{keys}</Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
