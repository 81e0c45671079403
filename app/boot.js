// Starts the interface. A module of its own, so that the page needs no inline script.
import init from "./app.js";

// Browsers look for the icon again wherever the page goes, and its address may be a relative one.
const icon = document.querySelector("link[rel=icon]");
icon.href = icon.href;

try {
  await init({ module_or_path: new URL("./app_bg.wasm", import.meta.url) });
} catch (error) {
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.textContent = `Changeover could not start in this browser: ${error}. Reload the page; if that does not help, use a current Firefox, Chrome, Edge or Safari.`;
  document.body.append(message);
  throw error;
}
