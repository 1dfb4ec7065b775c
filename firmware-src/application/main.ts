/**
 * The place of a user's application: a build with one puts its files into this folder instead of this file. Without one the
 * switch APPLICATION is off and nothing of this is carried.
 */
import { Application, type Mesh } from 'meshwright';

export function application(mesh: Mesh): Application {
  return new Application(mesh);
}
