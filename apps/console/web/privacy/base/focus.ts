const FIELDS = 'input, select, textarea';

/** Goes to the first field that is not filled in right, once the page shows which it is. */
export function focusFirstError(form: HTMLFormElement): void {
  requestAnimationFrame(() => {
    const wrong = form.querySelector<HTMLElement>('[aria-invalid=true]');
    (wrong?.matches(FIELDS) ? wrong : wrong?.querySelector<HTMLElement>(FIELDS))?.focus();
  });
}
