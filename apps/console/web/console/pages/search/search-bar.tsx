import { Button } from 'antd';
import { useId, useRef, useState, type KeyboardEvent, type SubmitEvent } from 'react';
import { completed, completionAt } from './completion.js';
import { useSearchWords } from './search.words.js';
import { useVocabulary } from './vocabulary.js';

/** The one bar; qualifiers and their values complete as one types (ARIA combobox with a list). */
export function SearchBar({ query, onSearch }: { query: string; onSearch: (query: string) => void }) {
  const say = useSearchWords();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const { names, values } = useVocabulary();
  const [text, setText] = useState(query);
  const [searched, setSearched] = useState(query);
  const [caret, setCaret] = useState(query.length);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  // A link on the page searches for something else.
  if (searched !== query) {
    setSearched(query);
    setText(query);
  }
  const completion = open ? completionAt(text, caret, names, values) : undefined;
  const options = completion?.options ?? [];

  const type = (value: string, at: number) => {
    setText(value);
    setCaret(at);
    setActive(-1);
  };
  const choose = (choice: string) => {
    const after = completed(text, caret, completion!, choice);
    type(after.text, after.caret);
    setOpen(after.text.at(after.caret - 1) === ':');
    input.current!.focus();
    requestAnimationFrame(() => input.current?.setSelectionRange(after.caret, after.caret));
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setOpen(false);
    onSearch(text.trim());
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!open) return setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      // One place before the first is that of no choice.
      setActive((before) => ((before + 1 + step + options.length + 1) % (options.length + 1)) - 1);
    } else if (event.key === 'Enter' && options[active]) {
      event.preventDefault();
      choose(options[active].text);
    } else if (event.key === 'Escape') setOpen(false);
  };
  return (
    <form role="search" className="search-bar" onSubmit={submit}>
      <label htmlFor={id}>{say('label')}</label>
      <div className="search-line">
        <input
          ref={input}
          id={id}
          type="text"
          role="combobox"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={1_000}
          aria-autocomplete="list"
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-describedby={`${id}-help`}
          {...(options[active] && { 'aria-activedescendant': `${id}-${active}` })}
          value={text}
          onChange={({ target }) => {
            type(target.value, target.selectionStart ?? target.value.length);
            setOpen(true);
          }}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? 0)}
          onKeyDown={press}
          onBlur={() => setOpen(false)}
        />
        <Button type="primary" htmlType="submit">
          {say('search')}
        </Button>
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label={say('suggestions')} hidden={options.length === 0}>
        {options.map((option, i) => (
          <li
            key={option.text}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === active}
            // Before the input loses the focus, which closes the list.
            onMouseDown={(event) => {
              event.preventDefault();
              choose(option.text);
            }}
          >
            <code>{option.text}</code> {option.about}
          </li>
        ))}
      </ul>
      <p id={`${id}-help`} className="as-of">
        {say('help')}
      </p>
      <p role="status" className="visually-hidden">
        {options.length > 0 && say('offered', { count: options.length })}
      </p>
    </form>
  );
}
