import { Component, type ReactNode } from "react";
import { Button, ErrorNotice } from "@/ui";

interface State {
  error: unknown;
}

/** A page that fails shows why and offers a way on, instead of a blank screen. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <ErrorNotice
        error={this.state.error}
        retry={
          <Button kind="quiet" className="mt-3" onClick={() => window.location.reload()}>
            Load the page again
          </Button>
        }
      />
    );
  }
}
