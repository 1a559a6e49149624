const PATHS = {
  hash: "M9 3 7 21M17 3l-2 18M4 9h17M3 15h17",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  send: "m4 4 17 8-17 8 3-8zM7 12h6",
  close: "M6 6l12 12M18 6 6 18",
  thread: "M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5z",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  clip: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.5 8.5a2 2 0 0 1-3-3L14 7",
  link: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5 19 19M5 19l1.5-1.5M17.5 6.5 19 5",
  moon: "M20 14A8 8 0 1 1 10 4a7 7 0 0 0 10 10z",
  menu: "M4 6h16M4 12h16M4 18h16",
  lens: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16 16l5 5",
  play: "M7 4v16l13-8z",
  skull: "M12 3a8 8 0 0 0-5 14v3h10v-3a8 8 0 0 0-5-14zM9 11h.01M15 11h.01M10 20v-3M14 20v-3",
  bolt: "M13 2 4 14h7l-1 8 9-12h-7z",
  back: "M15 5l-7 7 7 7",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
};

export function Icon({ name, size = 18 }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

const COLOURS = { rep: "#b3541e", colleague: "#1d7c54", admin: "#3f5bb8", outsider: "#8a3b8f" };

export function Avatar({ person, isBot, size = 36 }) {
  if (isBot || person?.is_bot) return <img className="avatar" src="icon.svg" alt="" width={size} height={size} />;
  const initials = (person?.real_name ?? "?").split(/\s+/).map((word) => word[0]).join("").slice(0, 2);
  const colour = COLOURS[person?.alias] ?? "#5d5570";
  return (
    <span className="avatar" aria-hidden="true" style={{ background: colour, width: size, height: size, fontSize: size * 0.4 }}>
      {initials}
    </span>
  );
}
