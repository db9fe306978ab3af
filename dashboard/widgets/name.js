// Keeps the reader's name in this browser, for the next visit.
export default function ({ data }) {
  const name = encodeURIComponent(data.name);
  document.cookie = `${data.cookie}=${name}; path=${data.path}; max-age=31536000; samesite=lax`;
}
