/** Sends a file piece by piece. A piece that fails is tried again: a phone in a tunnel is no reason to start over. */
const mostTries = 6;

/** @throws Error with a sentence for people. */
export async function upload(
  file: File,
  { path, chunkBytes, onProgress }: { path: string; chunkBytes: number; onProgress: (share: number) => void },
): Promise<void> {
  const count = Math.ceil(file.size / chunkBytes);
  for (let number = 0; number < count; number++) {
    await put(`${path}/chunks/${number}`, file.slice(number * chunkBytes, (number + 1) * chunkBytes));
    onProgress((number + 1) / count);
  }
}

async function put(url: string, piece: Blob): Promise<void> {
  const headers = { "content-type": "application/octet-stream" };
  for (let tries = 1; ; tries++) {
    const response = await fetch(url, { method: "PUT", body: piece, headers }).catch(() => null);
    if (response?.ok) return;
    if (response && response.status < 500 && response.status !== 429) {
      throw new Error("The server refused the file: load the page anew and try again.");
    }
    if (tries === mostTries) throw new Error("The connection is lost: the file could not be sent.");
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
  }
}
