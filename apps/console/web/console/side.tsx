import './side.css';
import { CloseOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { useKitWords } from '../kit/kit.words.js';

interface Props {
  title: string;
  /** Beside the title. */
  extra?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog along the side. The browser keeps the focus in it, and gives it back to where it was. */
export function Side({ title, extra, onClose, children }: Props) {
  const say = useKitWords();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const opened = dialog.current!;
    if (!opened.open) opened.showModal();
    // Before it is gone: a dialog that is only removed gives no focus back.
    return () => opened.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="side"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={({ target }) => target === dialog.current && onClose()}
    >
      <div className="side-head">
        <Button icon={<CloseOutlined />} aria-label={say('close')} onClick={onClose} />
        <h2 id={id}>{title}</h2>
        {extra}
      </div>
      <div className="side-body">{children}</div>
    </dialog>
  );
}
