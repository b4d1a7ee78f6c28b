import type { Page } from '@playwright/test'
import type { Schemas } from '../src/api/client'
import { axe, expect, fails, fits, kPhone, Person, test, until, type World } from './world'

const kTraining = `
import sys
epochs, rate, path, note = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4]
rows = [tuple(map(float, line.split(','))) for line in open(path)]
w = 0.0
for epoch in range(epochs):
    w -= rate * sum(2 * (w * x - y) * x for x, y in rows) / len(rows)
    print(f'epoch {epoch + 1} loss {sum((w * x - y) ** 2 for x, y in rows) / len(rows):.4f}', flush=True)
print(f'trained {epochs} epochs at {rate} on {len(rows)} rows, {note}, w {w:.2f}')
`

const kFields = [
  { name: 'epochs', label: 'Epochs', type: 'int8', value: 5, width: 33 },
  { name: 'rate', label: 'Learning rate', type: 'float', value: 0.01, width: 33, help: 'Small is slow' },
  { name: 'optimizer', label: 'Optimizer', type: 'select', value: 'sgd', options: ['sgd', { value: 2, label: 'The second' }], width: 33 },
  {
    label: 'Augmentation',
    type: 'group',
    elements: [
      { name: 'flip', label: 'Flip pictures', type: 'boolean', value: true, width: 50 },
      { name: 'scales', label: 'Scales', type: 'list', list_type: 'float', value: [0.5, 1, 2], width: 50 },
    ],
  },
  { name: 'data', label: 'Training data', type: 'byte', required: true, help: 'Lines of x,y' },
  { name: 'note', label: 'Note', type: 'string', required: true },
  { name: 'seed', type: 'int64', value: 42 },
  { name: 'depth', type: 'uint8', value: 3, hidden: true },
]

const kTemplate = `name: train-form
resources:
- name: worker
  command: |
    cat > train.py <<'END'
${kTraining
  .trim()
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
    END
    echo seed {{ .seed }} depth {{ .depth }} optimizer {{ .optimizer }} scales {{ join "," .scales }}{{ if .flip }} flipped{{ end }}
    python3 train.py {{ .epochs }} {{ .rate }} {{ shellQuote .data }} {{ shellQuote .note }}
`

const kTidyTemplate = `name: train-form
resources:
- name: worker
  replicas: 1
  command: >-
    python train.py --epochs {{ .epochs }} --rate {{ .rate }}
    --optimizer {{ .optimizer }} --scales {{ join "," .scales }}
    {{- if .flip }} --flip{{ end }}
    --data {{ shellQuote .data }} --note {{ shellQuote .note }}
    --seed {{ .seed }} --depth {{ .depth }}
`

const kPlainTemplate = 'name: plain\nresources:\n- name: worker\n  command: echo {{ range $name, $value := . }}{{ $name }}={{ $value }} {{ end }}\n'

async function formProject(world: World, form: object[] = kFields, template = kTemplate, owner = world.scientist): Promise<Schemas['ProjectFull']> {
  const { project } = await owner.post<Schemas['ProjectSaved']>('/projects', { name: world.unique('form'), form, form_template: template })
  return project
}

async function sendFile(page: Page, name = 'points.csv', content = '1,2\n2,4\n3,6\n') {
  await page.getByTestId('form-file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) })
  await expect(page.getByRole('img', { name: 'sent' })).toBeVisible()
}

function idIn(page: Page): string {
  return /[0-9A-Z]{26}/.exec(page.url())?.[0] ?? ''
}

const forecast = (page: Page) => page.getByRole('status', { name: 'Forecast' })
const build = (page: Page) => page.getByRole('button', { name: 'Build' })

test('a form is filled in, previewed and built, and the job trains with its values', async ({ as, world }) => {
  const project = await formProject(world)
  const page = await as('scientist')
  await page.goto(`/projects/${project.name}/form`)
  await expect(forecast(page)).toContainText('Still to be filled in: Training data, Note')
  await expect(page.getByText('Epochs (int8)')).toBeVisible()
  await expect(page.getByText('-128 to 127')).toBeVisible()
  await expect(page.locator('[data-field=depth]')).toHaveCount(0)
  await page.getByLabel('Epochs').fill('6')
  await page.getByLabel('Epochs').press('ArrowUp')
  await page.getByLabel('Learning rate').fill('0.05')
  await page.getByRole('combobox', { name: 'Optimizer' }).click()
  await page.getByRole('option', { name: 'The second' }).click()
  await page.getByRole('checkbox', { name: 'Flip pictures' }).uncheck()
  await page.getByRole('button', { name: 'Remove value 1 of Scales' }).click()
  await page.getByLabel('Scales, value 2').press('Enter')
  await page.keyboard.type('4')
  await sendFile(page)
  await expect(page.getByText('12 B')).toBeVisible()
  await page.getByLabel('Note').fill(`it's "quoted"`)
  await expect(forecast(page)).toContainText('Would start now')
  await page.getByRole('button', { name: 'Preview' }).click()
  const task = page.getByRole('textbox', { name: 'Rendered task' })
  await expect(task).toContainText('python3 train.py 7 0.05')
  await expect(task).toContainText('scales 1,2,4')
  await axe(page)
  await fits(page)
  await build(page).click()
  await expect(page).toHaveURL(/\/jobs\/[0-9A-Z]{26}/)
  const job = await world.reached({ id: idIn(page), name: 'train-form' })
  expect(job.state).toBe('Complete')
  expect(job.form_values).toMatchObject({ epochs: 7, rate: 0.05, optimizer: 2, flip: false, scales: [1, 2, 4], seed: 42, depth: 3 })
  const main = page.getByRole('main')
  await expect(main).toContainText('seed 42 depth 3 optimizer 2 scales 1,2,4')
  await expect(main).toContainText(`trained 7 epochs at 0.05 on 3 rows, it's "quoted", w 1.98`)
  const filled = page.getByRole('region', { name: 'Filled in' })
  await expect(filled).toContainText('Epochs7')
  await expect(filled).toContainText('Scales1, 2, 4')
  await expect(filled).toContainText('Training datapoints.csv')
  await axe(page)
})

test('what is wrong stands at its field at once, and nothing is built', async ({ as, world, picture }) => {
  const project = await formProject(world, kFields, kTidyTemplate)
  const page = await as('scientist')
  await page.goto(`/projects/${project.name}/form?preview=true`)
  await sendFile(page)
  await page.getByLabel('Note').fill('first try')
  await expect(forecast(page)).toContainText('Would start now')
  await expect(page.getByRole('textbox', { name: 'Rendered task' })).toContainText('first try')
  await picture(page, 'form')
  await page.getByLabel('Note').fill('')
  await page.getByLabel('Epochs').fill('200')
  await expect(page.getByText('expected a whole number from -128 to 127')).toBeVisible()
  await page.getByLabel('Learning rate').fill('0,5')
  await expect(page.locator('[data-field=rate]')).toContainText('expected a number, such as 0.5')
  await page.getByLabel('Scales, value 2').fill('x')
  await expect(page.locator('[data-field=scales]')).toContainText('expected a number')
  await build(page).click()
  await expect(page.locator('[data-field=note]')).toContainText('is required')
  await expect(page.getByLabel('Epochs')).toBeFocused()
  await expect(page.getByLabel('Epochs')).toHaveAttribute('aria-invalid', 'true')
  await axe(page)
  await expect(page).toHaveURL(/form/)
  await page.getByRole('button', { name: 'Reset' }).click()
  await expect(page.getByLabel('Epochs')).toHaveValue('5')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByLabel('Epochs')).toHaveValue('200')
})

test('what the server says against a value stands at its field', async ({ as, world }) => {
  const project = await formProject(world, [{ name: 'epochs', label: 'Epochs', type: 'int8', value: 5 }], kPlainTemplate)
  const page = await as('scientist')
  // The page has the form as it was once.
  await page.route(`**/api/v1/projects/${project.name}/form`, async (asked) => {
    const answer = await asked.fetch()
    const form = (await answer.json()) as Schemas['Form']
    await asked.fulfill({ response: answer, json: { ...form, text: form.text.replace('int8', 'int16') } })
  })
  await page.goto(`/projects/${project.name}/form`)
  await page.getByLabel('Epochs').fill('300')
  const field = page.locator('[data-field=epochs]')
  await expect(field).toContainText('expected a whole number from -128 to 127 (int8), got 300')
  await page.getByLabel('Epochs').fill('30')
  await expect(field).not.toContainText('got 300')
  await expect(forecast(page)).toContainText('Would start now')
})

test('a file says how far it is, can be stopped, and fails at its field', async ({ as, world, watchdog }) => {
  watchdog.allow(/500/)
  const project = await formProject(world)
  const page = await as('scientist')
  await page.goto(`/projects/${project.name}/form`)
  let letGo = () => {}
  const held = new Promise<void>((go) => (letGo = go))
  await page.route('**/form/files?**', async (asked) => {
    await held
    await asked.fulfill({ status: 500, json: { code: 'internal', message: 'The disk is full.', request_id: 'req_test' } }).catch(() => {})
  })
  await page.getByTestId('form-file').setInputFiles({ name: 'big.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2 << 20) })
  await expect(page.getByRole('progressbar', { name: 'Sending big.bin' })).toBeVisible()
  await expect(page.locator('[data-field=data]')).toContainText('of 2 MiB')
  await expect(build(page)).toBeDisabled()
  await axe(page)
  letGo()
  await expect(page.locator('[data-field=data]')).toContainText('The disk is full.')
  await page.unroute('**/form/files?**')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('img', { name: 'sent' })).toBeVisible()
  await page.getByRole('button', { name: 'Remove big.bin' }).click()
  await expect(page.locator('[data-field=data]')).toContainText('or drop it here')
})

test('what is filled in survives a reload, and rows are added, pasted and removed by the keyboard', async ({ as, world }) => {
  const project = await formProject(world, [{ name: 'seeds', label: 'Seeds', type: 'list', list_type: 'int64' }, { name: 'note', type: 'string' }], kPlainTemplate)
  const page = await as('scientist')
  await page.goto(`/projects/${project.name}/form`)
  await page.getByRole('button', { name: 'Add a value to Seeds' }).click()
  await page.keyboard.type('1')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Backspace')
  await expect(page.getByLabel('Seeds, value 1')).toBeFocused()
  await page.keyboard.press('Enter')
  await page.getByLabel('Seeds, value 2').evaluate((input) => {
    const data = new DataTransfer()
    data.setData('text', '9007199254740993, 3')
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })
  await expect(page.getByLabel('Seeds, value 3')).toHaveValue('3')
  await page.reload()
  await expect(page.getByLabel('Seeds, value 2')).toHaveValue('9007199254740993')
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('textbox', { name: 'Rendered task' })).toContainText('seeds=[1 9007199254740993 3]')
  await page.getByLabel('note').focus()
  await page.keyboard.press('Control+Enter')
  await expect(page).toHaveURL(/\/jobs\/[0-9A-Z]{26}/)
  // What no number of a browser can hold stays what it is.
  await expect(page.getByRole('region', { name: 'Filled in' })).toContainText('1, 9007199254740993, 3')
})

test('a job that came from a form is cloned with the form filled in', async ({ as, world }) => {
  const project = await formProject(world)
  const first = await as('scientist')
  await first.goto(`/projects/${project.name}/form`)
  await sendFile(first)
  await first.getByLabel('Note').fill('one')
  await first.getByLabel('Epochs').fill('3')
  await build(first).click()
  await expect(first).toHaveURL(/\/jobs\/[0-9A-Z]{26}/)
  const job = await world.reached({ id: idIn(first), name: 'train-form' })
  // In another tab, where nothing is remembered.
  const page = await as('scientist')
  await page.goto(`/jobs/${job.id}`)
  await page.getByRole('button', { name: 'Clone…' }).click()
  await expect(page).toHaveURL(new RegExp(`/projects/${project.name}/form\\?job=`))
  await expect(page.getByText(`Filled in as ${job.task}:${job.build}`)).toBeVisible()
  await expect(page.getByLabel('Epochs')).toHaveValue('3')
  await expect(page.getByLabel('Note')).toHaveValue('one')
  await page.getByLabel('Note').fill('two')
  await page.reload()
  await expect(page.getByLabel('Note')).toHaveValue('two')
  await build(page).click()
  await expect(page).toHaveURL(/\/jobs\/[0-9A-Z]{26}/)
  const again = await world.reached({ id: idIn(page), name: 'train-form' })
  expect(again.id).not.toBe(job.id)
  expect(again.state).toBe('Complete')
  await expect(page.getByRole('main')).toContainText('trained 3 epochs at 0.01 on 3 rows, two')
  // From the list too; and exactly as it was, where one wants that.
  await page.goto(`/projects/${project.name}/jobs`)
  await page.getByRole('row', { name: new RegExp(`${job.task}:${job.build} `) }).getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Clone' }).click()
  await expect(page.getByLabel('Note')).toHaveValue('one')
  await page.goto(`/jobs/${job.id}`)
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Run exactly this again' }).click()
  await expect(page.getByText('Clone of', { exact: true })).toBeVisible()
})

test('the owner edits form and template side by side, and saves them with their comments', async ({ as, world, picture }) => {
  const project = await formProject(world)
  const page = await as('scientist')
  await page.goto(`/projects/${project.name}/form`)
  await page.getByRole('button', { name: 'Edit form' }).click()
  const form = page.getByRole('textbox', { name: 'Form in YAML' })
  const template = page.getByRole('textbox', { name: 'Execution template' })
  const look = page.getByRole('region', { name: 'The form' })
  await expect(look.getByLabel('Epochs')).toHaveValue('5')
  await form.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText('# Two of them\n- {name: epochs, label: Rounds, type: int8, value: 8, width: 50}\n- {name: word, type: strng}\n')
  const faults = page.getByRole('list', { name: 'What is wrong' })
  await expect(faults).toContainText('line 3, column 22')
  await expect(faults).toContainText('did you mean "string"?')
  await expect(page.getByText('✕ 1 fault')).toBeVisible()
  await form.click()
  await page.keyboard.press('Control+End')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  for (let i = 0; i < 5; ++i) await page.keyboard.press('Backspace')
  await page.keyboard.insertText('string, value: hi')
  await expect(look.getByLabel('Rounds')).toHaveValue('8')
  await expect(look.getByLabel('word')).toHaveValue('hi')
  // The template still names what is gone.
  await expect(faults).toContainText('there is no value .')
  await template.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText('# Says it\nname: says\nresources:\n- name: worker\n  command: echo {{ .word }} {{ .epochs }}\n')
  const task = page.getByRole('textbox', { name: 'Rendered task' })
  await expect(task).toContainText('echo hi 8')
  await look.getByLabel('word').fill('hello')
  await expect(task).toContainText('echo hello 8')
  await expect(forecast(page)).toContainText('Would start now')
  await axe(page)
  await fits(page)
  await picture(page, 'form-editor')
  await template.click()
  await page.keyboard.press('Control+s')
  await expect(page.getByText('saved', { exact: true })).toBeVisible()
  const saved = await world.scientist.get<Schemas['ProjectFull']>(`/projects/${project.name}`)
  expect(saved.text).toContain('# Two of them')
  expect((saved.document as unknown as { form_template: string }).form_template).toContain('echo {{ .word }}')
  await page.reload()
  await expect(form).toContainText('# Two of them')
  await page.getByRole('button', { name: 'Close editor' }).click()
  await page.getByLabel('Rounds').fill('9')
  await build(page).click()
  await expect(page).toHaveURL(/\/jobs\/[0-9A-Z]{26}/)
  await expect(page.getByRole('main')).toContainText('hello 9')
})

test('an edited form that is not saved survives a reload, is guarded, and conflicts are told', async ({ as, world, watchdog }) => {
  watchdog.allow(/409/, /412/)
  const project = await formProject(world, [{ name: 'epochs', type: 'int', value: 1 }], kPlainTemplate)
  const page = await as('scientist')
  await page.addInitScript(() => addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), true))
  await page.goto(`/projects/${project.name}/form?edit=true`)
  const form = page.getByRole('textbox', { name: 'Form in YAML' })
  await form.click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText('# mine\n')
  await expect(page.getByText('not saved')).toBeVisible()
  await page.reload()
  await expect(form).toContainText('# mine')
  await page.getByRole('link', { name: 'Sources' }).click()
  const dialog = page.getByRole('dialog', { name: 'Leave with changes that are not saved?' })
  await dialog.getByRole('button', { name: 'Stay' }).click()
  // Another part of the project is no conflict, another form is.
  await world.scientist.send('PATCH', `/projects/${project.name}`, { summary: 'theirs' })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('saved', { exact: true })).toBeVisible()
  await form.click()
  await page.keyboard.insertText('# more\n')
  await world.scientist.send('PUT', `/projects/${project.name}/form`, { template: kPlainTemplate.replace('plain', 'theirs') })
  await expect(page.getByText('Somebody else saved another form meanwhile.')).toBeVisible()
  await axe(page)
  await page.getByRole('button', { name: 'Save mine over it' }).click()
  await expect(page.getByText('saved', { exact: true })).toBeVisible()
  const saved = await world.scientist.get<Schemas['Form']>(`/projects/${project.name}/form`)
  expect(saved.template).toContain('name: plain')
  await form.click()
  await page.keyboard.insertText('# again\n')
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(form).not.toContainText('# again')
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await expect(form).toContainText('# again')
})

test('visitors land on the form and cannot edit it', async ({ as, world }) => {
  const project = await formProject(world, [{ name: 'word', label: 'Word', type: 'string', value: 'hi' }], kPlainTemplate)
  const name = world.unique('mate')
  await world.onboard(name, 'research')
  const mate = await Person.signIn(world.server.url, name)
  const page = await as('nobody')
  await page.context().addCookies([{ name: 'pintle_session', value: mate.cookie, url: world.url, httpOnly: true, sameSite: 'Lax' }])
  await page.goto(`/projects/${project.name}`)
  await expect(page).toHaveURL(`/projects/${project.name}/form`)
  await expect(page.getByLabel('Word')).toHaveValue('hi')
  await expect(page.getByRole('button', { name: 'Edit form' })).toHaveCount(0)
  await page.goto(`/projects/${project.name}/form?edit=true`)
  await expect(page.getByLabel('Word')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Form in YAML' })).toHaveCount(0)
  await build(page).click()
  await expect(page).toHaveURL(/\/jobs\/[0-9A-Z]{26}/)
  const job = await mate.get<Schemas['Job']>(`/jobs/${idIn(page)}`)
  expect(job.owner).toBe(name)
  // Who chooses the summary is not led away from it again.
  await page.goto(`/projects/${project.name}/form`)
  await page.getByRole('link', { name: 'Summary' }).click()
  await expect(page.getByTestId('empty')).toContainText('What is this project about?')
  await page.goto(`/projects/${project.name}`)
  await expect(page.getByTestId('empty')).toContainText('What is this project about?')
  // Its owner has come for something else.
  const owner = await as('scientist')
  await owner.goto(`/projects/${project.name}`)
  await expect(owner.getByTestId('empty')).toContainText('What is this project about?')
})

test('a project without a form says what forms are for, and its owner begins with an example', async ({ as, world }) => {
  const project = await world.project()
  const page = await as('scientist')
  await page.goto(`/projects/${project.name}/form`)
  await expect(page.getByTestId('empty')).toContainText('No form yet')
  await axe(page)
  await page.getByRole('button', { name: 'Begin with an example' }).click()
  await expect(page.getByRole('textbox', { name: 'Rendered task' })).toContainText('echo training for 5 epochs with adam')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('saved', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Close editor' }).click()
  await page.getByLabel('Epochs').fill('2')
  await build(page).click()
  await expect(page).toHaveURL(/\/jobs\/[0-9A-Z]{26}/)
  await expect(page.getByRole('main')).toContainText('training for 2 epochs with adam')
})

test('what fails stays in its panel and can be tried again', async ({ as, world, watchdog }) => {
  watchdog.allow(/500/)
  const project = await formProject(world, [{ name: 'word', label: 'Word', type: 'string', value: 'hi' }], kPlainTemplate)
  const page = await as('scientist')
  let mend = await fails(page, `/projects/${project.name}/form`)
  await page.goto(`/projects/${project.name}/form`)
  await expect(page.getByRole('alert')).toContainText('The form could not be read: The disk is on fire.')
  await expect(page.getByRole('link', { name: 'Tasks' })).toBeVisible()
  await mend()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByLabel('Word')).toBeVisible()
  mend = await fails(page, `/projects/${project.id}/form/render`)
  await page.getByLabel('Word').fill('ho')
  await expect(forecast(page)).toContainText('could not be asked: The disk is on fire.')
  await mend()
  await forecast(page).getByRole('button', { name: 'Try again' }).click()
  await expect(forecast(page)).toContainText('Would start now')
  mend = await fails(page, `/projects/${project.id}/form/jobs`)
  await build(page).click()
  await expect(page.getByRole('alert')).toContainText('It was not built: The disk is on fire.')
  await mend()
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
  await expect(page).toHaveURL(/\/jobs\/[0-9A-Z]{26}/)
})

test('long, right-to-left and hostile words fit a phone', async ({ as, world }) => {
  const odd = ['x'.repeat(255), '學習率與其他很長的名字'.repeat(12), 'معدل التعلم وأسماء أخرى طويلة', '<img src=x onerror=alert(1)>']
  const project = await formProject(
    world,
    [
      ...odd.map((label, index) => ({ name: `f${index}`, label, type: 'string', help: label, width: 25 })),
      { type: 'group', label: odd[0], elements: odd.map((label, index) => ({ name: `g${index}`, label, type: 'select', options: odd, width: 50 })) },
      { name: 'files', label: odd[3], type: 'list', list_type: 'bytes' },
      { name: 'inner', type: 'group', label: odd[2], elements: [{ type: 'group', label: odd[1], elements: [{ name: 'deep', label: odd[0], type: 'boolean' }] }] },
    ],
    kPlainTemplate,
  )
  for (const viewport of [kPhone, { width: 1280, height: 720 }]) {
    const page = await as('scientist', { viewport, colorScheme: 'dark' })
    await page.goto(`/projects/${project.name}/form?preview=true`)
    await expect(page.getByRole('textbox', { name: 'Rendered task' })).toContainText('name: plain')
    await page.getByRole('button', { name: /Add a value/ }).click()
    await page.getByTestId('form-file').setInputFiles({ name: `${'y'.repeat(200)}.bin`, mimeType: 'application/octet-stream', buffer: Buffer.alloc(3000) })
    await expect(page.getByRole('img', { name: 'sent' })).toBeVisible()
    await fits(page)
    await axe(page)
    const wide = await until('the page is laid out', () => page.evaluate(() => [...document.querySelectorAll('[data-field]')].filter((each) => each.scrollWidth > each.clientWidth + 1).length + 1))
    expect(wide).toBe(1)
  }
})
