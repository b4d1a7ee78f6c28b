import { describe, expect, it } from 'vitest'
import { kExample, textsOf, withForm, writtenForm } from './form-text'

const kText = `# Of a project
name: a
form:
# How it learns
- {name: epochs, type: int, value: 5} # not many
- {name: rate, type: float}
form_template: |
  name: t
  command: x {{ .epochs }}
tasks: [] # none
`

describe('the texts of a form', () => {
  it('are cut out of the project’s text with their comments', () => {
    expect(writtenForm(kText)).toBe('# How it learns\n- {name: epochs, type: int, value: 5} # not many\n- {name: rate, type: float}\n')
    expect(writtenForm('name: a\n')).toBeNull()
    expect(writtenForm('a: &x [1]\nform: *x\n')).toBeNull()
    expect(textsOf({ text: null }, { form: '- a: 1\n', template: 't' })).toEqual({ form: '- a: 1\n', template: 't' })
  })

  it('are put back where they were, and nothing else changes', () => {
    const form = '# Two of them\n- {name: epochs, type: int, value: 7} # more\n# the last\n'
    const after = withForm({ text: kText, document: {} }, { form, template: 'name: t2\n' })
    expect(after).toBe(kText.replace(/# How[^]*rate, type: float}\n/, '# Two of them\n- {name: epochs, type: int, value: 7} # more\n# the last\n').replace(/name: t\n {2}command.*\n/, 'name: t2\n'))
    expect(writtenForm(after)).toContain('# Two of them')
  })

  it('are added to a project that has none, and taken out again', () => {
    const added = withForm({ text: null, document: { name: 'a' } as never }, kExample)
    expect(added).toContain('name: a\nform:')
    expect(added).toContain('form_template: |\n')
    expect(writtenForm(added)).toContain('# What people fill in')
    expect(withForm({ text: added, document: {} }, { form: '', template: '' })).toBe('name: a\n')
  })
})
