export { RecallPage } from "./RecallPage";
export { TracePage as default } from "./TracePage";
