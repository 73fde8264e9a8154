import { useMutation, useQuery } from "@tanstack/react-query";
import { type CheckOptions, checkBundle } from "@/lib/check";
import { type Deployment, readDeployment } from "@/lib/deployment";

/** The contracts this site says it uses; undefined where there is no site, such as a page opened from disk. */
export function useSiteDeployment() {
  return useQuery({
    queryKey: ["deployment"],
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (): Promise<Deployment | null> => {
      if (!window.location.protocol.startsWith("http")) return null;
      const response = await fetch("/deployment", { headers: { Accept: "application/json" } });
      return response.ok ? readDeployment(await response.text()) : null;
    },
  });
}

/** Checks a bundle's text in this browser. */
export function useCheck() {
  return useMutation({
    // The endpoint may be on this machine: being offline is no reason to wait.
    networkMode: "always",
    mutationFn: ({ text, ...options }: CheckOptions & { text: string }) => checkBundle(text, options),
  });
}
