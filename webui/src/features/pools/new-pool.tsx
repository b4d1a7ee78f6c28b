import { NumberInput, SegmentedControl, Select, Text, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Device } from '@/api/cluster'
import { FormModal } from '@/ui/form-modal'
import { sayDone } from '@/ui/toast'
import { counted } from '@/lib/quantity'
import { createPool, deletePool } from './api'
import { spare, type Board } from './board'

interface Props {
  opened: boolean
  board: Board
  /** What is chosen on the board, which may begin the pool. */
  chosen: Device[]
  onClose: () => void
  onMade: (name: string) => void
}

/** A new pool, with GPUs by number or those that are chosen on the board. */
export function NewPool(props: Props) {
  // Begins anew each time it is opened.
  return props.opened ? <Form {...props} /> : null
}

function Form({ board, chosen, onClose, onMade }: Props) {
  const client = useQueryClient()
  const models = spare(board)
  const most = [...models].sort((a, b) => b.free - a.free)[0]
  const [name, setName] = useState('')
  const [way, setWay] = useState<string>(chosen.length > 0 ? 'chosen' : 'number')
  const [model, setModel] = useState<string | null>(most?.model ?? null)
  const [gpus, setGpus] = useState<number | string>(0)
  const free = models.find((each) => each.model === model)?.free ?? 0
  const submit = async () => {
    const wish = way === 'chosen' ? { devices: chosen } : { gpus: Number(gpus), ...(model ? { model } : {}) }
    const made = await createPool(client, { name: name.trim(), ...wish })
    onMade(made.name)
    sayDone(`${made.name} is made with ${counted(made.total, 'GPU')}.`, () => deletePool(client, made.id))
  }
  return (
    <FormModal opened title="New pool" button="Create" disabled={name.trim() === '' || (way === 'number' && typeof gpus !== 'number')} onSubmit={submit} onClose={onClose}>
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={255} data-autofocus autoComplete="off" />
      {chosen.length > 0 && (
        <SegmentedControl
          aria-label="Which GPUs"
          value={way}
          onChange={setWay}
          data={[
            { value: 'chosen', label: `The ${counted(chosen.length, 'chosen GPU')}` },
            { value: 'number', label: 'By number' },
          ]}
        />
      )}
      {way === 'chosen' ? (
        <Text c="dimmed" className="wrap">
          {chosen.map((device) => `${device.name} (${device.model})`).join(', ')}. They must be idle, in the Default Pool, and of one model.
        </Text>
      ) : (
        <>
          <Select label="Model" description="A pool has GPUs of one model." data={models.map((each) => ({ value: each.model, label: `${each.model}: ${each.free} idle in the Default Pool` }))} value={model} onChange={setModel} allowDeselect={false} />
          <NumberInput label="GPUs" description={`Of ${counted(free, 'idle one')}; may be 0, and changed later.`} value={gpus} onChange={setGpus} min={0} allowDecimal={false} />
        </>
      )}
    </FormModal>
  )
}
