import { useEffect, useRef, type ComponentProps, type ReactNode } from 'react';

interface Props extends Omit<ComponentProps<'button'>, 'disabled'> {
  /** Under way: pressed again it does nothing. */
  busy?: boolean;
}

/** A button that keeps the focus while it works, as a disabled one does not: whoever uses a keyboard would start from the top again. */
export function Act({ busy = false, type = 'button', onClick, ...rest }: Props) {
  return <button {...rest} type={type} aria-disabled={busy} onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))} />;
}

/**
 * What was done, in the place of what did it: read out, and where one goes on from.
 * @param stay what did it is still there, and keeps the focus
 */
export function Done({ stay = false, isBad = false, children }: { stay?: boolean; isBad?: boolean; children: ReactNode }) {
  const said = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!stay) said.current?.focus();
  }, [stay]);
  return (
    <div ref={said} tabIndex={-1} role="status" className={isBad ? 'note bad' : 'note good'}>
      {children}
    </div>
  );
}
