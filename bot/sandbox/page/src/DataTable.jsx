// Slack's `table` and `data_table`: the first row holds the headings; data_table shows a page at a time.
import { useState } from "react";
import { Blocks } from "./Blocks.jsx";

function cellText(cell) {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "object") return String(cell);
  return String(cell.text ?? cell.value ?? "");
}

function Cell({ cell, place }) {
  return cell?.type === "rich_text" ? <Blocks blocks={[cell]} place={place} /> : cellText(cell);
}

export function DataTable({ block, place }) {
  const [page, setPage] = useState(0);
  const [head, ...rows] = block.rows;
  const size = block.type === "data_table" ? (block.page_size ?? 10) : rows.length;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const caption = block.caption?.text ?? block.caption;
  return (
    <div className="table-frame">
      <div className="table-scroll" tabIndex={0} role="region" aria-label={caption || "Table"}>
        <table>
          {caption && <caption>{caption}</caption>}
          <thead>
            <tr>{head.map((cell, index) => <th key={index} scope="col"><Cell cell={cell} place={place} /></th>)}</tr>
          </thead>
          <tbody>
            {rows.slice(page * size, (page + 1) * size).map((row, number) => (
              <tr key={number}>{row.map((cell, index) => <td key={index}><Cell cell={cell} place={place} /></td>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <div className="pager">
          <button type="button" className="button" disabled={page === 0} onClick={() => setPage(page - 1)}>Previous</button>
          <span>{page * size + 1}–{Math.min(rows.length, (page + 1) * size)} of {rows.length}</span>
          <button type="button" className="button" disabled={page === pages - 1} onClick={() => setPage(page + 1)}>Next</button>
        </div>
      )}
    </div>
  );
}
