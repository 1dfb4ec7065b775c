/** Members that the loading of a part must not meet: what it takes of the runtime has these names, too. */
export class Place {
  path = 'here';
  modules = 1;
  collect(): string {
    this.path += '!';
    this.modules += 1;
    return this.path;
  }
}
