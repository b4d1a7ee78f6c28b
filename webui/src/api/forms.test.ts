import { expect, it } from 'vitest'
import { fileNameIn } from './forms'

const id = '01M812S7XAMBT08QZ46DF14HY8'

it.each([
  [`python a.py --data /workspace/.form/${id}/train.csv --x`, 'train.csv'],
  [`python a.py --data '/workspace/.form/${id}/train data.csv' 'y'`, 'train data.csv'],
  [`x --data=/w/${id}/a.bin`, 'a.bin'],
  [`'first' /w/${id}/a.bin; rm`, 'a.bin'],
  ['nothing of it', null],
])('the name of an upload stands in what a job runs: %s', (text, name) => expect(fileNameIn(text, id)).toBe(name))
