/** What GraphiQL shows a newcomer: it answers on every chain, empty or not. */
export const EXAMPLE = `# Run: the button, or Ctrl-Enter. Complete: Ctrl-Space.
# What can be asked is in the book on the left.
query LatestProducts {
  meta {
    block
    finalized
    reorgEpoch
  }
  products(first: 5, newestFirst: true) {
    edges {
      node {
        uri
        seq
        state
        recallLevel
        custodian {
          address
          name
        }
        events(first: 3, newestFirst: true) {
          edges {
            node {
              words
              occurredAt
              txHash
            }
          }
        }
      }
    }
  }
}
`;
