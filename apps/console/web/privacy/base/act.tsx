import { useEffect, useRef, type ComponentProps, type ReactNode } from 'react';

interface Props extends Omit<ComponentProps<'button'>, 'disabled'> {
  /** Under way: pressed again it does nothing. */
  busy?: boolean;
}

/** A button that keeps the focus while it works, as a disabled one does not: whoever uses a keyboard would start from the top again. */
export function Act({ busy = false, type = 'button', onClick, ...rest }: Props) {
  return <button {...rest} type={type} aria-disabled={busy} onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))} />;
}

/** What was done, in the place of the form that did it: read out, and where one goes on from. */
export function Done({ children }: { children: ReactNode }) {
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => said.current?.focus(), []);
  return (
    <p ref={said} tabIndex={-1} role="status" className="note good">
      {children}
    </p>
  );
}
