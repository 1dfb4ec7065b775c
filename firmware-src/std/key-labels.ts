/**
 * Every derived key has one purpose and one label. Nothing else in the project may spell a label.
 *
 *   master          label              context             result, 32 bytes unless said
 *   network key     LABEL_FRAME        network id, epoch   tags of frames on the air
 *   admin key       LABEL_CONSOLE      MAC of the board    tags of console requests to that board only, so that a
 *                                                          stolen board cannot command another
 *   node key        LABEL_NODE_PROOF   -                   proof in MPS with a board's own key
 *   node key        LABEL_DELIVERY_*   kind, MAC, counter, cipher and tag of one delivery to that node, and tag of its
 *                                      nonce               receipt; see wire/delivery.ts
 *   setup key       LABEL_SETUP_PROOF  -                   proof in MPS between boards of one fleet
 *   setup key       LABEL_AIR_PMK      -                   first 16 bytes: ESP-NOW PMK around MPS on the air
 *   setup key       LABEL_AIR_LMK      -                   first 16 bytes: ESP-NOW LMK around MPS on the air
 *   setup key       LABEL_SETUP_HINT   -                   first 4 bytes, public: whether two boards have one setup key
 *   network key     LABEL_LINK         network id, epoch   tags of hellos between parent and child, and the keys of their connections
 *   network key     LABEL_POINT        MAC of the node,    name and password of its access point, new with each start
 *                                      boot u24
 *   one MPS run     LABEL_MPS_*        -                   see mps/run-keys.ts
 */

export const LABEL_FRAME = 'meshwright 1 frame';
export const LABEL_CONSOLE = 'meshwright 1 console';
export const LABEL_NODE_PROOF = 'meshwright 1 node proof';
export const LABEL_DELIVERY_CIPHER = 'meshwright 1 delivery cipher';
export const LABEL_DELIVERY_TAG = 'meshwright 1 delivery tag';
export const LABEL_DELIVERY_RECEIPT = 'meshwright 1 delivery receipt';
export const LABEL_SETUP_PROOF = 'meshwright 1 setup proof';
export const LABEL_AIR_PMK = 'meshwright 1 air pmk';
export const LABEL_AIR_LMK = 'meshwright 1 air lmk';
export const LABEL_SETUP_HINT = 'meshwright 1 setup hint';
export const LABEL_LINK = 'meshwright 1 link';
export const LABEL_POINT = 'meshwright 1 point';
export const LABEL_MPS_OFFER = 'meshwright 1 mps offer';
export const LABEL_MPS_CONFIRM = 'meshwright 1 mps confirm';
export const LABEL_MPS_CIPHER = 'meshwright 1 mps cipher';
export const LABEL_MPS_CREDENTIALS = 'meshwright 1 mps credentials';
export const LABEL_MPS_DONE = 'meshwright 1 mps done';
