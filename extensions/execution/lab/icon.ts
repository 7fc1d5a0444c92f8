// The panel's icon: one long bar above, two short ones below.

import {LabIcon} from "@jupyterlab/ui-components";

export const executionIcon = new LabIcon({
  name: "tasklab-execution:icon",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <rect x="1" y="2.5" width="14" height="3.4" rx="1"/>
    <rect x="1" y="7.3" width="7" height="2.7" rx="1" opacity=".75"/>
    <rect x="1" y="11.3" width="7" height="2.7" rx="1" opacity=".75"/>
  </g>
</svg>`,
});
