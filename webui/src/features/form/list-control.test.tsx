import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { inputsOf, readFields } from './fields'
import { ListControl } from './list-control'
import type { Uploads } from './use-uploads'
import type { Typed } from './values'

const kUploads: Uploads = { sent: {}, begin: () => ({ token: 't', id: null, name: 'a', size: 1 }), retry: () => {}, canRetry: () => false }

function show(form: string, rows: Typed[]) {
  const field = inputsOf(readFields(form))[0]
  if (!field) throw new Error('no field')
  const onChange = vi.fn()
  function Held() {
    const [held, setHeld] = useState<readonly Typed[]>(rows)
    const set = (next: Typed[]) => {
      onChange(next)
      setHeld(next)
    }
    return <ListControl field={field!} rows={held} words={{ label: field!.label }} uploads={kUploads} onChange={set} />
  }
  render(
    <MantineProvider>
      <Held />
    </MantineProvider>,
  )
  return onChange
}

describe('a list', () => {
  it('gets and loses rows, and says what is wrong at the row', async () => {
    const onChange = show('- {name: xs, label: Xs, type: list, list_type: int8}', ['1', '300'])
    expect(screen.getByText('expected a whole number from -128 to 127')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Remove value 2 of Xs' }))
    expect(onChange).toHaveBeenLastCalledWith(['1'])
    await userEvent.type(screen.getByRole('spinbutton', { name: 'Xs, value 1' }), '{Enter}')
    expect(onChange).toHaveBeenLastCalledWith(['1', ''])
    await userEvent.type(screen.getByRole('spinbutton', { name: 'Xs, value 1' }), '{ArrowUp}')
    expect(onChange).toHaveBeenLastCalledWith(['2', ''])
  })

  it('takes many values that are pasted at once', async () => {
    const onChange = show('- {name: xs, label: Xs, type: list, list_type: float}', [''])
    await userEvent.click(screen.getByRole('textbox', { name: 'Xs, value 1' }))
    await userEvent.paste('[0.5, 1, 2]')
    expect(onChange).toHaveBeenLastCalledWith(['0.5', '1', '2'])
  })

  it('is a text with a value in each line when it is long', async () => {
    const onChange = show('- {name: xs, label: Xs, type: list, list_type: int}', Array.from({ length: 101 }, (_, index) => String(index)))
    const text = screen.getByRole('textbox', { name: 'Xs, one value in each line' })
    await userEvent.type(text, '5')
    expect(onChange.mock.lastCall?.[0]).toHaveLength(101)
    expect(onChange.mock.lastCall?.[0]).toContain('1005')
  })
})
