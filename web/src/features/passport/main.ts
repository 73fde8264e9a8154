import { checkBundle } from "@/lib/check";
import { type Deployment, readDeployment } from "@/lib/deployment";
import { AppError, explain } from "@/lib/errors";
import { showChecking, showFailure, showVerdict } from "./show";

// A phone on slow 3G needs a few seconds for a long history; after this the answer is "could not check".
const patienceMs = 30_000;

async function fetchText(url: string, what: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs), headers: { Accept: "application/json" } });
  if (!response.ok) throw new AppError({ code: `http_${response.status}`, message: `${what} could not be fetched.`, hint: `The server answered ${response.status}.` });
  return response.text();
}

/** Without the site's word on its contracts the check still runs, and says that it is missing. */
async function deployment(url: string | undefined): Promise<Deployment | undefined> {
  return url === undefined ? undefined : readDeployment(await fetchText(url, "The list of contracts"));
}

async function run(section: HTMLElement, { proofUrl = "", rpcUrl, subject, deploymentUrl }: DOMStringMap): Promise<void> {
  showChecking(section);
  try {
    const [text, site] = await Promise.all([fetchText(proofUrl, "The proof"), deployment(deploymentUrl)]);
    const endpoint = rpcUrl === undefined || rpcUrl === "" ? site?.rpcUrl : rpcUrl;
    showVerdict(section, await checkBundle(text, { rpcUrl: endpoint, trusted: site?.trusted, subject }), { rpcUrl: endpoint, trusted: site?.trusted });
  } catch (error) {
    showFailure(section, explain(error));
  }
}

const section = document.querySelector<HTMLElement>("[data-proof-url]");
if (section !== null) void run(section, section.dataset);
