import { expect, it } from 'vitest'
import { sparkPath } from './spark-path'

it('draws within its box and leaves gaps', () => {
  expect(sparkPath([0, 10, 50], [0, 50, 500], { seconds: 100, most: 100, gap: 15, width: 100, height: 20 })).toBe('M0.0 20.0L10.0 10.0M50.0 0.0')
})
