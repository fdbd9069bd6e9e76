/** Invented people. No one of this name with these numbers is known to us; mail.example receives no mail. */
export interface Person {
  /** Customer number, without scheme. */
  account: string;
  name: string;
  nameLatin: string;
  gender: 'female' | 'male';
  birthDate: string;
  nationalId: string;
  phone: string;
  email: string;
  address: string;
}

type Row = [name: string, nameLatin: string, gender: 'female' | 'male', birthDate: string, address: string];

const ROWS: Row[] = [
  ['ณัฐชยา วงศ์เพชรดี', 'Natchaya Wongphetdee', 'female', '1988-03-14', '12/4 ซอยอารีย์ 2 พญาไท กรุงเทพมหานคร 10400'],
  ['ธนวัฒน์ ศรีสุขเกษม', 'Thanawat Srisukkasem', 'male', '1979-11-02', '88 ถนนห้วยแก้ว เมือง เชียงใหม่ 50200'],
  ['พิมพ์ชนก แก้วมณีโชติ', 'Pimchanok Kaewmaneechot', 'female', '1995-07-21', '45/9 ถนนสุขุมวิท 71 วัฒนา กรุงเทพมหานคร 10110'],
  ['กิตติพงษ์ อินทรวรรณ', 'Kittipong Intharawan', 'male', '1984-01-30', '201 หมู่ 4 บางกรวย นนทบุรี 11130'],
  ['สุภาวดี จันทร์ประภา', 'Supawadee Chanprapa', 'female', '1972-09-08', '7 ถนนมิตรภาพ เมือง ขอนแก่น 40000'],
  ['ปวีณา ธรรมรักษา', 'Paweena Thammaraksa', 'female', '1991-05-17', '33/1 ถนนนิมมานเหมินท์ เมือง เชียงใหม่ 50200'],
  ['วรเมธ ลิ้มประเสริฐ', 'Woramet Limprasert', 'male', '1968-12-25', '150 ถนนเจริญกรุง บางรัก กรุงเทพมหานคร 10500'],
  ['อรอนงค์ พูลสวัสดิ์', 'Onanong Poolsawat', 'female', '1999-02-11', '9/22 ลาดพร้าว 101 บางกะปิ กรุงเทพมหานคร 10240'],
  ['ชัยวัฒน์ บุญญาภรณ์', 'Chaiwat Boonyaporn', 'male', '1981-08-19', '64 ถนนราษฎร์อุทิศ หาดใหญ่ สงขลา 90110'],
  ['ศิริพร ทองสุวรรณ', 'Siriporn Thongsuwan', 'female', '1976-04-03', '18 หมู่ 2 ศรีราชา ชลบุรี 20110'],
  ['ภูวดล เรืองเดชา', 'Phuwadon Ruangdecha', 'male', '1993-10-29', '5/77 ถนนรามคำแหง หัวหมาก กรุงเทพมหานคร 10240'],
  ['มนัสนันท์ คงเจริญสุข', 'Manatsanan Khongcharoensuk', 'female', '2001-06-15', '140 ถนนพหลโยธิน ลำลูกกา ปทุมธานี 12130'],
  ['เอกชัย สิทธิโชคชัย', 'Ekachai Sitthichokchai', 'male', '1965-02-27', '22 ถนนดิลกอุทิศ เมือง สงขลา 90000'],
  ['กัลยาณี ประเสริฐสังข์', 'Kanlayanee Prasertsang', 'female', '1986-11-11', '311 ถนนชยางกูร เมือง อุบลราชธานี 34000'],
  ['รัชพล นาคสมบูรณ์', 'Ratchapon Naksomboon', 'male', '1990-07-07', '70/3 ถนนเพชรเกษม หัวหิน ประจวบคีรีขันธ์ 77110'],
  ['ดวงกมล ชัยมงคลเลิศ', 'Duangkamol Chaimongkollert', 'female', '1983-12-01', '16 ซอยทองหล่อ 10 วัฒนา กรุงเทพมหานคร 10110'],
  ['ปิยะพงศ์ สุขสมบัติ', 'Piyapong Suksombat', 'male', '1974-03-22', '99 หมู่ 8 แม่ริม เชียงใหม่ 50180'],
  ['นลินทิพย์ วัฒนกุลไพศาล', 'Nalinthip Wattanakulpaisan', 'female', '1997-09-30', '27/5 ถนนสาทรใต้ ยานนาวา กรุงเทพมหานคร 10120'],
  ['สมพร อยู่เย็นดี', 'Somporn Yooyendee', 'male', '1958-05-05', '3 หมู่ 1 สามโคก ปทุมธานี 12160'],
  ['จิราภรณ์ มั่นคงวิทย์', 'Jiraporn Mankhongwit', 'female', '1989-08-24', '412 ถนนศรีจันทร์ เมือง ขอนแก่น 40000'],
  ['อนุชา เพชรรุ่งเรือง', 'Anucha Phetrungrueang', 'male', '1994-01-16', '58/12 ถนนเทพกระษัตรี ถลาง ภูเก็ต 83110'],
  ['วิภาดา ศรีวิไลลักษณ์', 'Wipada Sriwilailak', 'female', '1970-10-10', '6 ถนนท่าแพ เมือง เชียงใหม่ 50100'],
  ['เจษฎา โพธิ์ทองคำ', 'Jetsada Phothongkham', 'male', '1987-06-06', '230 ถนนประชาอุทิศ ทุ่งครุ กรุงเทพมหานคร 10140'],
  ['ฐิติรัตน์ แสงสว่างวงศ์', 'Thitirat Saengsawangwong', 'female', '2003-04-18', '81 ถนนติวานนท์ ปากเกร็ด นนทบุรี 11120'],
  ['Lena Hoffmann', 'Lena Hoffmann', 'female', '1992-02-09', '15 ถนนบางลา กะทู้ ภูเก็ต 83150'],
];

/** A Thai national id with its check digit: 11 less the sum of digit x weight 13..2 modulo 11, modulo 10. @param twelve its first 12 digits */
export function withCheckDigit(twelve: string): string {
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += Number(twelve[i]) * (13 - i);
  return `${twelve}${(11 - (sum % 11)) % 10}`;
}

export const PEOPLE: readonly Person[] = ROWS.map(([name, nameLatin, gender, birthDate, address], i) => ({
  account: `c-${1001 + i}`,
  name,
  nameLatin,
  gender,
  birthDate,
  nationalId: withCheckDigit(
    `${1 + (i % 8)}${String(1009 + i * 37).padStart(4, '0')}${String(35_017 + i * 2_513).padStart(5, '0')}${10 + i}`,
  ),
  phone: `+668${1 + (i % 9)}5550${String(117 + i * 31).padStart(3, '0')}`,
  email: `${nameLatin.toLowerCase().replace(' ', '.')}@mail.example`,
  address,
}));

export const accountOf = ({ account }: Person): string => `account|${account}`;
