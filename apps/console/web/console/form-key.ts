import { useState } from 'react';

/**
 * A key for fields that show what the address says: another one whenever something else than the form itself changed that, so that whoever submits
 * keeps the focus.
 * @returns the key, and what to call with that which the form is about to say
 */
export function useFormKey(shown: string): [key: number, submitting: (next: string) => void] {
  const [key, setKey] = useState(0);
  const [last, setLast] = useState(shown);
  const [expected, setExpected] = useState<string>();
  if (shown !== last) {
    setLast(shown);
    if (shown !== expected) setKey(key + 1);
  }
  return [key, setExpected];
}
